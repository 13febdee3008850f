#pragma once

#include "nn/exec/kernel.h"
#include "nn/kernels/dense.h"

namespace nn {

/// A kernel whose first weights have a gradient that is one product: of its first input and the
/// output gradient as `backward` leaves it. Where that is large it need not be stored: the kernel
/// then gets no span for it, and whoever updates the weights makes it piece by piece.
class ProductKernel : public Kernel {
public:
    [[nodiscard]] virtual DenseGeometry weightProduct(std::int64_t batch) const = 0;
};

} // namespace nn
