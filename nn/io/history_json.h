#pragma once

#include "nn/io/json.h"
#include "nn/train/progress.h"

namespace nn::io {

/// A history as columns of numbers; what was not measured is null.
[[nodiscard]] Json historyJson(const History& history);
[[nodiscard]] Expected<History> historyFromJson(const Json& json);

} // namespace nn::io
