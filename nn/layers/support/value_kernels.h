#pragma once

#include "nn/kernels/activation.h"
#include "nn/layers/support/activation_tail.h"
#include "nn/layers/support/copies.h"

#include <memory>

namespace nn {

/// A layer that applies a function to every value.
[[nodiscard]] std::shared_ptr<const Kernel> activationKernel(const Activation& function);
/// A layer that is a softmax along one axis.
[[nodiscard]] std::shared_ptr<const Kernel> softmaxKernel(const AxisSplit& split);

} // namespace nn
