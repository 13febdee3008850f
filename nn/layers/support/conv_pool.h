#pragma once

#include "nn/exec/kernel.h"
#include "nn/kernels/convolution.h"
#include "nn/kernels/pooling.h"

#include <memory>

namespace nn {

/// A kernel that takes the largest value of windows, for a convolution in front of it.
class MaxPoolingSize {
public:
    MaxPoolingSize() = default;
    MaxPoolingSize(const MaxPoolingSize&) = delete;
    MaxPoolingSize& operator=(const MaxPoolingSize&) = delete;
    virtual ~MaxPoolingSize() = default;
    [[nodiscard]] virtual const PoolGeometry& maxPooling() const = 0;
};

/// The convolution of a layer, up to its activation.
struct ConvPart {
    ConvGeometry geometry;
    bool hasBias = false;
    bool relu = false; ///< Otherwise linear.
};

/// Whether the gradient of a convolution's input can include that of the function before it: of a
/// ReLU, where that takes no pass of its own.
[[nodiscard]] bool convDoesGradientOf(const ConvGeometry& g, const Activation& before);
/// `ConvBackwardDataArgs::passed` for it.
[[nodiscard]] std::span<const float> passedValues(const BackwardArgs& args);

/// A kernel for a convolution and the max-pooling that reads it, if that one pools 2×2 cells
/// without overlap or padding; else null.
[[nodiscard]] std::shared_ptr<const Kernel> convPoolKernel(const ConvPart& conv,
                                                           const Kernel& reader);

} // namespace nn
