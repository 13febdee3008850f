#pragma once

#include "nn/exec/kernel.h"
#include "nn/layers/support/shapes.h"

namespace nn {

/// What a kernel saved, as numbers; it starts at a multiple of 64 bytes.
[[nodiscard]] std::span<float> savedFloats(std::span<std::byte> saved);
[[nodiscard]] std::span<const float> savedFloats(std::span<const std::byte> saved);

/// target = source.
void copyValues(Parallel& parallel, std::span<const float> source, std::span<float> target);

/// [batch][outer][extent][inner] to [batch][outer][inner][extent], for kernels that work on the
/// last axis.
void toLastAxis(Parallel& parallel, const AxisSplit& split, std::int64_t batch,
                std::span<const float> source, std::span<float> target);
/// The way back.
void fromLastAxis(Parallel& parallel, const AxisSplit& split, std::int64_t batch,
                  std::span<const float> source, std::span<float> target);

/// Changes nothing but the shape.
class IdentityKernel final : public Kernel {
public:
    [[nodiscard]] KernelMemory memory(std::int64_t batch, Phase phase) const override;
    void forward(const ForwardArgs& args) const override;
    void backward(const BackwardArgs& args) const override;
    [[nodiscard]] bool backwardReadsInputs() const override { return false; }
    [[nodiscard]] bool backwardReadsOutput() const override { return false; }
    [[nodiscard]] bool isIdentity(Phase /*phase*/) const override { return true; }
};

} // namespace nn
