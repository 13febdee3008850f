#include "nn/inspect/filters.h"

#include <algorithm>
#include <cmath>

namespace nn {

namespace {

bool isFilters(const Variable& variable) {
    return variable.spec.shape.rank() == 4 && variable.spec.name.ends_with("kernel");
}

} // namespace

const Tensor* filtersOf(const Weights& weights, NodeId layer) {
    for (std::size_t i = 0; i < weights.variables.size(); ++i) {
        if (weights.variables[i].node == layer && isFilters(weights.variables[i])) {
            return &weights.tensors[i];
        }
    }
    return nullptr;
}

std::vector<NodeId> layersWithFilters(const Weights& weights) {
    std::vector<NodeId> layers;
    for (const Variable& variable : weights.variables) {
        if (isFilters(variable) && (layers.empty() || layers.back() != variable.node)) {
            layers.push_back(variable.node);
        }
    }
    return layers;
}

TensorRange rangeOf(const Tensor& tensor) {
    if (tensor.isEmpty()) {
        return {};
    }
    const auto [min, max] = std::ranges::minmax(tensor.values());
    TensorRange range{.min = min, .max = max};
    for (const float value : tensor.values()) {
        range.mean += static_cast<double>(value);
        range.rootMeanSquare += static_cast<double>(value) * static_cast<double>(value);
    }
    const auto count = static_cast<double>(tensor.size());
    range.mean /= count;
    range.rootMeanSquare = std::sqrt(range.rootMeanSquare / count);
    return range;
}

} // namespace nn
