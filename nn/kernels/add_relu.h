#pragma once

#include "nn/base/parallel.h"

#include <span>

namespace nn {

/// y = max(0, Σ inputs), value by value, in the order of the inputs.
void addRelu(Parallel& parallel, std::span<const std::span<const float>> inputs,
             std::span<float> y);

/// The gradient of every input of `addRelu`: dy where y is positive, else 0. Empty spans are left
/// out; the first one may be dy.
void addReluBackward(Parallel& parallel, std::span<const float> y, std::span<const float> dy,
                     std::span<const std::span<float>> gradients);

} // namespace nn
