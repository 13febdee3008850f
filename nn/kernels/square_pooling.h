#pragma once

#include "nn/kernels/activation.h"
#include "nn/kernels/pooling.h"

namespace nn {

/// Windows of 2×2 cells side by side, none cut at the border: the usual pooling, done row by row.
[[nodiscard]] bool isSquare(const PoolGeometry& g);
/// Whether the gradient of averaging such windows can include that of the activation before it.
[[nodiscard]] bool averagesAfter(const PoolGeometry& g, const Activation& activation);

// The functions of pooling.h for such windows; the gradients are assigned, never added.
void maxSquaresForward(Parallel& parallel, const PoolGeometry& g, const MaxPoolForwardArgs& args);
void maxSquaresBackward(Parallel& parallel, const PoolGeometry& g, const MaxPoolBackwardArgs& args);
void averageSquaresForward(Parallel& parallel, const PoolGeometry& g,
                           const AveragePoolForwardArgs& args);
void averageSquaresBackward(Parallel& parallel, const PoolGeometry& g,
                            const AveragePoolBackwardArgs& args);

/// The gradient of a ReLU, if `relu`, and a max-pooling behind it, whose output y is.
struct UnpoolArgs {
    std::int64_t batch = 1;
    std::span<const float> dy;
    std::span<const float> y{}; ///< Read only with `relu`.
    bool relu = false;
    std::span<const std::uint8_t> positions;
    std::span<float> dx;
};
void unpoolSquares(Parallel& parallel, const PoolGeometry& g, const UnpoolArgs& args);

} // namespace nn
