#pragma once

#include "nn/exec/kernel.h"

namespace nn {

/// A kernel whose batches may be cut into parts that are run by themselves, each inside of a task:
/// rows do not depend on each other, gradients of weights add up, and there is no penalty.
class PartKernel : public Kernel {
public:
    /// For kernels that are made so but cannot always do it.
    [[nodiscard]] virtual bool runsInParts(Phase /*phase*/) const { return true; }
    /// `memory` for a part of `batch` rows.
    [[nodiscard]] virtual KernelMemory partMemory(std::int64_t batch, Phase phase) const {
        return memory(batch, phase);
    }
    /// `parallel` of the arguments has one thread.
    virtual void forwardPart(const ForwardArgs& args) const { forward(args); }
    virtual void backwardPart(const BackwardArgs& args) const { backward(args); }
};

/// The kernel as one that runs in parts; null: it does not.
[[nodiscard]] inline const PartKernel* partKernel(const Kernel& kernel, Phase phase) {
    const auto* const parts = dynamic_cast<const PartKernel*>(&kernel);
    return parts != nullptr && parts->runsInParts(phase) ? parts : nullptr;
}

} // namespace nn
