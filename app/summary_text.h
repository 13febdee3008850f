#pragma once

#include "widgets/summary_view.h"

namespace app {

class Document;

/// The rows and totals of the summary table.
[[nodiscard]] widgets::SummaryValues summaryValues(const Document& document);
/// The table as text, as Keras prints it or for a spreadsheet.
[[nodiscard]] QString summaryTextOf(const Document& document, widgets::SummaryStyle style);

} // namespace app
