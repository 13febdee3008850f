#pragma once

#include "nn/base/parallel.h"
#include "nn/kernels/common.h"
#include "nn/kernels/scratch.h"

#include <cstddef>
#include <cstdint>

namespace nn {

enum class Layout : std::uint8_t { Plain, Transposed };

/// c[rows][columns] = activation(old + bias + a · b), a being [rows][steps] with any strides and b
/// [steps][columns], or [columns][steps] if transposed; bias and ReLU only for a plain b.
struct Gemm {
    std::int64_t rows = 0, steps = 0, columns = 0;
    const float* a = nullptr;
    std::ptrdiff_t aRow = 0, aStep = 1;
    const float* b = nullptr;
    std::int64_t bStride = 0;
    Layout bLayout = Layout::Plain;
    const float* bias = nullptr;
    float* c = nullptr;
    Write write = Write::Assign;
    bool relu = false;
};

/// Floats of scratch for a product of this shape.
[[nodiscard]] std::int64_t gemmScratchFloats(const Gemm& gemm);

/// How many steps are summed before the sum is stored and gone on with; 0 where the sums are made
/// in another way.
[[nodiscard]] std::int64_t gemmStepsInOneRun(const Gemm& gemm);

void runGemm(Parallel& parallel, const Gemm& gemm, Scratch scratch);

} // namespace nn
