#pragma once

#include "nn/base/parallel.h"
#include "nn/kernels/common.h"
#include "nn/kernels/gemm.h"

#include <cstdint>
#include <span>

namespace nn {

/// Sizes of a fully connected layer: y[rows][units] = x[rows][inputs] · weights[inputs][units].
struct DenseGeometry {
    std::int64_t rows = 1; ///< Batch, times all axes before the last.
    std::int64_t inputs = 1;
    std::int64_t units = 1;

    bool operator==(const DenseGeometry&) const = default;
};

/// Floats of scratch that each call needs. Does not depend on the number of threads.
[[nodiscard]] std::int64_t denseForwardScratchFloats(const DenseGeometry& g);
[[nodiscard]] std::int64_t denseBackwardDataScratchFloats(const DenseGeometry& g);
[[nodiscard]] std::int64_t denseBackwardWeightsScratchFloats(const DenseGeometry& g);

/// The product that gives the gradient of the weights, without its operands.
[[nodiscard]] Gemm denseWeightsProduct(const DenseGeometry& g);

struct DenseForwardArgs {
    std::span<const float> x;
    std::span<const float> weights;
    std::span<const float> bias; ///< Empty: none.
    FusedActivation activation = FusedActivation::None;
    std::span<float> y;
    std::span<float> scratch;
};
/// y = activation(x · weights + bias).
void denseForward(Parallel& parallel, const DenseGeometry& g, const DenseForwardArgs& args);

struct DenseBackwardDataArgs {
    std::span<const float> dy;
    std::span<const float> weights;
    std::span<float> dx;
    Write write = Write::Assign;
    std::span<float> scratch;
};
/// dx = dy · weightsᵀ.
void denseBackwardData(Parallel& parallel, const DenseGeometry& g,
                       const DenseBackwardDataArgs& args);

struct DenseBackwardWeightsArgs {
    std::span<const float> x;
    std::span<const float> dy;
    std::span<float> dw; ///< Empty: not wanted.
    std::span<float> db; ///< Empty: not wanted.
    Write write = Write::Assign;
    std::span<float> scratch;
};
/// dw = xᵀ · dy, db = sum of dy over the rows.
void denseBackwardWeights(Parallel& parallel, const DenseGeometry& g,
                          const DenseBackwardWeightsArgs& args);

} // namespace nn
