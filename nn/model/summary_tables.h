#pragma once

#include "nn/model/summary.h"

namespace nn {

/// "(None, 26, 26, 32)", "[(None, 4), (None, 8)]" for several outputs, "?" when not built.
[[nodiscard]] std::string outputText(const SummaryRow& row);
/// Keras 3: a box drawn as the library rich does.
[[nodiscard]] std::string keras3Table(const Summary& summary, const SummaryTextOptions& options);
/// Keras 2 from TensorFlow 2.13 on: columns between rules.
[[nodiscard]] std::string keras2Table(const Summary& summary, const SummaryTextOptions& options);

} // namespace nn
