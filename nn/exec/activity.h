#pragma once

#include "nn/exec/kernel.h"
#include "nn/exec/regularizers.h"
#include "nn/tensor/shape.h"

#include <memory>

namespace nn {

/// A layer whose output is penalised: `kernel` with its activity regularizer, per image as in
/// Keras. `output` is the
/// output's shape without batch.
[[nodiscard]] std::shared_ptr<const Kernel>
withActivityRegularizer(std::shared_ptr<const Kernel> kernel,
                        std::shared_ptr<const Regularizer> regularizer, const Shape& output);

} // namespace nn
