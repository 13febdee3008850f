#pragma once

#include "nn/exec/part_kernel.h"

#include <memory>

namespace nn {

/// A kernel that can do the work of the layer behind it, too, so that the activation between the
/// two is neither stored nor read.
class FusingKernel : public PartKernel {
public:
    /// Those whose rows do not depend on each other say so.
    [[nodiscard]] bool runsInParts(Phase /*phase*/) const override { return false; }
    /// One kernel for this layer and `reader`, its only reader: it takes this layer's inputs and
    /// weights, gives the reader's output and gets its gradient. Null if the two do not fit.
    [[nodiscard]] virtual std::shared_ptr<const Kernel> fusedWith(const Kernel& reader) const = 0;
};

} // namespace nn
