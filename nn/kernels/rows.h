#pragma once

#include "nn/kernels/product.h"

#include <cstdint>

namespace nn {

/// totals[c] = activation(old + Σ_r x[r · stride + c]) for `count` rows of `columns` values; in
/// blocks of 256 rows.
struct RowSum {
    const float* x = nullptr;
    std::int64_t count = 0;
    std::int64_t stride = 0;
    std::int64_t columns = 0;
    float* totals = nullptr;
    bool add = false;
    bool relu = false;
};
void sumRows(const RowSum& sum);

/// A convolution with as many groups as channels: c[r][n] = activation(old + bias[n] +
/// Σ_k a[r][steps[k] + n] b[k · bStep + n]). Nothing is read beyond `columns`.
void multiplyChannelwise(const ProductRows& rows, const Product& product);

/// Its gradient by the weights: b[k · columns + n] += Σ_r a[r][steps[k] + n] c[r][n].
struct ChannelwiseGradient {
    std::int64_t count = 0;
    const float* const* a = nullptr;
    const float* const* c = nullptr;
    const std::ptrdiff_t* steps = nullptr;
    std::int64_t stepCount = 0;
    std::int64_t columns = 0;
    float* b = nullptr;
};
void addChannelwiseGradient(const ChannelwiseGradient& gradient);

} // namespace nn
