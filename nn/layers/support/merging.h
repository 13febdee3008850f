#pragma once

#include "nn/exec/kernel.h"
#include "nn/layers/support/shapes.h"

#include <memory>

namespace nn {

/// How inputs of one shape, or of shapes that stretch to one, become one output.
enum class MergeOp { Subtract, Multiply, Average, Maximum, Minimum };

[[nodiscard]] std::shared_ptr<const Kernel> mergingKernel(MergeOp op, std::span<const Shape> inputs,
                                                          const Shape& output);

/// One operation per value for each input but the first.
[[nodiscard]] LayerCost mergingCost(std::span<const Shape> inputs, const Shape& output);

} // namespace nn
