#pragma once

#include "nn/exec/weights.h"

#include <vector>

namespace nn {

/// The filters of a convolution, shaped (height, width, inputs, outputs), or nullptr when the
/// layer has none. Lives as long as `weights`.
[[nodiscard]] const Tensor* filtersOf(const Weights& weights, NodeId layer);

/// The layers that have filters to look at, in the order of the weights.
[[nodiscard]] std::vector<NodeId> layersWithFilters(const Weights& weights);

/// Smallest and largest value, mean and root mean square of a tensor.
struct TensorRange {
    float min = 0.0F;
    float max = 0.0F;
    double mean = 0.0;
    double rootMeanSquare = 0.0;
};
[[nodiscard]] TensorRange rangeOf(const Tensor& tensor);

} // namespace nn
