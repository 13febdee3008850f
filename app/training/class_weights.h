#pragma once

#include "nn/base/error.h"

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>

namespace app {

using ClassWeights = std::map<std::int64_t, double>;

/// Reads "0:1.5,3:0.2", also as Python writes it: "{0: 1.5, 3: 0.2}". Nothing: all count 1.
[[nodiscard]] nn::Expected<ClassWeights> parsedClassWeights(std::string_view text);
/// "0: 1.5, 3: 0.2"
[[nodiscard]] std::string classWeightsText(const ClassWeights& weights);
/// Weights that let every class count the same in all: images ÷ (classes × images of the class).
[[nodiscard]] ClassWeights balancedWeights(std::span<const std::int32_t> labels);

} // namespace app
