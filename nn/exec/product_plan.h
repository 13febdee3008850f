#pragma once

#include "nn/exec/memory_plan.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace nn {

/// Which gradients an executor leaves as products.
struct ProductPlan {
    /// By variable: the layer whose input and output gradient make its gradient.
    std::vector<std::optional<std::size_t>> layers;
    std::int64_t scratchFloats = 0; ///< To make any one of them piece by piece.

    /// Whether the gradient of the layer's first weights is made after the run.
    [[nodiscard]] bool leavesProduct(const Network& network, std::size_t layer) const;
};

/// The gradients of large Dense layers, where the options ask for it, no regularizer adds to them
/// and no other call uses the same weights.
[[nodiscard]] ProductPlan productPlan(const Network& network, const ExecutorOptions& options);

} // namespace nn
