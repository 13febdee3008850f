#pragma once

#include "nn/kernels/pooling.h"

namespace nn {

/// Windows of 2×2 cells side by side, none cut at the border: the usual pooling, done row by row.
[[nodiscard]] bool isSquare(const PoolGeometry& g);

// The functions of pooling.h for such windows; the gradients are assigned, never added.
void maxSquaresForward(Parallel& parallel, const PoolGeometry& g, const MaxPoolForwardArgs& args);
void maxSquaresBackward(Parallel& parallel, const PoolGeometry& g, const MaxPoolBackwardArgs& args);
void averageSquaresForward(Parallel& parallel, const PoolGeometry& g,
                           const AveragePoolForwardArgs& args);
void averageSquaresBackward(Parallel& parallel, const PoolGeometry& g,
                            const AveragePoolBackwardArgs& args);

} // namespace nn
