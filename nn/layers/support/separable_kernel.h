#pragma once

#include "nn/kernels/convolution.h"
#include "nn/layers/support/activation_tail.h"

#include <memory>

namespace nn {

/// A depthwise convolution followed by a 1×1 convolution to `filters` channels, a bias and an
/// activation. Weights: depthwise kernel, pointwise kernel, bias.
[[nodiscard]] std::shared_ptr<const Kernel> separableKernel(const ConvGeometry& depthwise,
                                                            std::int64_t filters,
                                                            const ActivationTail& tail,
                                                            bool hasBias);

} // namespace nn
