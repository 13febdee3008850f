#pragma once

#include "nn/tensor/shape.h"

#include <span>
#include <vector>

namespace nn {

/// Weights of a bell curve, their sum 1. A deviation of 0 is the middle alone.
[[nodiscard]] std::vector<float> gaussianWeights(std::int64_t count, double deviation);

/// Slides weights over the columns and over the rows of an image (height, width, channels); around
/// it are zeros. Both counts are odd. Symmetric weights are their own backward pass.
void blur(const Shape& image, std::span<const float> across, std::span<const float> down,
          std::span<const float> values, std::span<float> result);

} // namespace nn
