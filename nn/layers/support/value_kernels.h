#pragma once

#include "nn/kernels/activation.h"
#include "nn/layers/support/activation_tail.h"
#include "nn/layers/support/copies.h"

#include <memory>

namespace nn {

/// A layer that applies a function to every value.
[[nodiscard]] std::shared_ptr<const Kernel> activationKernel(const Activation& function);
/// Whether a layer is a ReLU without limit, slope and threshold.
[[nodiscard]] bool isPlainRelu(const Kernel& kernel);
/// A layer that is a softmax or one of its kin along one axis.
[[nodiscard]] std::shared_ptr<const Kernel> rowActivationKernel(RowActivation function,
                                                                const AxisSplit& split);
/// The gated linear unit along the last axis; `output` has half the channels of the input.
[[nodiscard]] std::shared_ptr<const Kernel> gluKernel(const Shape& output);

} // namespace nn
