#pragma once

#include "widgets/summary_view.h"

namespace app {

class Document;

/// The table as text, as Keras prints it or for a spreadsheet.
[[nodiscard]] QString summaryTextOf(const Document& document, widgets::SummaryStyle style);

} // namespace app
