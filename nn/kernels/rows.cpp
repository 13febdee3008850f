#include "nn/kernels/rows.h"

#include "nn/kernels/simd_dispatch.h"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "nn/kernels/rows.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "nn/kernels/map-inl.h"

HWY_BEFORE_NAMESPACE();
namespace nn::HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;

constexpr Tag d;
constexpr int kTile = HWY_TARGET == HWY_SCALAR ? 2 : 4;

/// Four chains of additions per vector of columns.
template <bool Whole>
HWY_INLINE Vector sumOfRows(const float* x, std::int64_t rows, std::int64_t stride,
                            std::int64_t count) {
    Vector s0 = hn::Zero(d);
    Vector s1 = hn::Zero(d);
    Vector s2 = hn::Zero(d);
    Vector s3 = hn::Zero(d);
    std::int64_t row = 0;
    for (; row + 4 <= rows; row += 4, x += 4 * stride) {
        s0 = hn::Add(s0, load<Whole>(count, x));
        s1 = hn::Add(s1, load<Whole>(count, x + stride));
        s2 = hn::Add(s2, load<Whole>(count, x + 2 * stride));
        s3 = hn::Add(s3, load<Whole>(count, x + 3 * stride));
    }
    for (; row < rows; ++row, x += stride) {
        s0 = hn::Add(s0, load<Whole>(count, x));
    }
    return hn::Add(hn::Add(s0, s1), hn::Add(s2, s3));
}

template <bool Whole, int Rows>
HWY_INLINE void channelwiseTile(const Product& p, const float* const* a, float* const* c,
                                std::int64_t column, std::int64_t count) {
    const Vector floor = hn::Set(d, p.relu ? 0.0F : -std::numeric_limits<float>::infinity());
    Vector sums[Rows];
    const float* row[Rows];
    const Vector start = p.bias == nullptr ? hn::Zero(d) : load<Whole>(count, p.bias + column);
    HWY_UNROLL(16)
    for (int r = 0; r < Rows; ++r) {
        sums[r] = start;
        row[r] = a[r] + column;
    }
    const float* weights = p.b + column;
    for (std::int64_t step = 0; step < p.stepCount; ++step, weights += p.bStep) {
        const Vector weight = load<Whole>(count, weights);
        const std::ptrdiff_t offset = p.steps[step];
        HWY_UNROLL(16)
        for (int r = 0; r < Rows; ++r) {
            sums[r] = hn::MulAdd(load<Whole>(count, row[r] + offset), weight, sums[r]);
        }
    }
    HWY_UNROLL(16)
    for (int r = 0; r < Rows; ++r) {
        float* const to = c[r] + column;
        if (p.add) {
            sums[r] = hn::Add(sums[r], load<Whole>(count, to));
        }
        store<Whole>(atLeast(floor, sums[r]), count, to);
    }
}

/// Gradients of four taps at a time: dy is loaded once for all of them.
template <bool Whole, int Taps>
HWY_INLINE void channelwiseTaps(const ChannelwiseGradient& g, std::int64_t firstTap,
                                std::int64_t column, std::int64_t count) {
    Vector sums[Taps];
    HWY_UNROLL(16)
    for (int k = 0; k < Taps; ++k) {
        sums[k] = hn::Zero(d);
    }
    for (std::int64_t r = 0; r < g.count; ++r) {
        const Vector dy = load<Whole>(count, g.c[r] + column);
        HWY_UNROLL(16)
        for (int k = 0; k < Taps; ++k) {
            const float* const x = g.a[r] + g.steps[firstTap + k] + column;
            sums[k] = hn::MulAdd(load<Whole>(count, x), dy, sums[k]);
        }
    }
    HWY_UNROLL(16)
    for (int k = 0; k < Taps; ++k) {
        float* const to = g.b + (firstTap + k) * g.columns + column;
        store<Whole>(hn::Add(sums[k], load<Whole>(count, to)), count, to);
    }
}

} // namespace

void sumRowsSimd(const RowSum& sum) {
    constexpr std::int64_t block = 256;
    forEachVector(sum.columns, [&]<bool Whole>(std::int64_t column, std::int64_t count) HWY_ATTR {
        const Vector floor = hn::Set(d, sum.relu ? 0.0F : -std::numeric_limits<float>::infinity());
        float* const to = sum.totals + column;
        Vector total = sum.add ? load<Whole>(count, to) : hn::Zero(d);
        for (std::int64_t row = 0; row < sum.count; row += block) {
            const std::int64_t rows = std::min(block, sum.count - row);
            total = hn::Add(total, sumOfRows<Whole>(sum.x + row * sum.stride + column, rows,
                                                    sum.stride, count));
        }
        store<Whole>(atLeast(floor, total), count, to);
    });
}

void channelwiseSimd(const ProductRows& rows, const Product& product) {
    forEachVector(
        product.columns, [&]<bool Whole>(std::int64_t column, std::int64_t count) HWY_ATTR {
            std::int64_t row = 0;
            for (; row + kTile <= rows.count; row += kTile) {
                channelwiseTile<Whole, kTile>(product, rows.a + row, rows.c + row, column, count);
            }
            for (; row < rows.count; ++row) {
                channelwiseTile<Whole, 1>(product, rows.a + row, rows.c + row, column, count);
            }
        });
}

void channelwiseGradientSimd(const ChannelwiseGradient& g) {
    forEachVector(g.columns, [&]<bool Whole>(std::int64_t column, std::int64_t count) HWY_ATTR {
        std::int64_t tap = 0;
        for (; tap + kTile <= g.stepCount; tap += kTile) {
            channelwiseTaps<Whole, kTile>(g, tap, column, count);
        }
        for (; tap < g.stepCount; ++tap) {
            channelwiseTaps<Whole, 1>(g, tap, column, count);
        }
    });
}

} // namespace nn::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nn {

HWY_EXPORT(sumRowsSimd);
HWY_EXPORT(channelwiseSimd);
HWY_EXPORT(channelwiseGradientSimd);

void sumRows(const RowSum& sum) {
    NN_SIMD(sumRowsSimd)(sum);
}

void multiplyChannelwise(const ProductRows& rows, const Product& product) {
    NN_SIMD(channelwiseSimd)(rows, product);
}

void addChannelwiseGradient(const ChannelwiseGradient& gradient) {
    NN_SIMD(channelwiseGradientSimd)(gradient);
}

} // namespace nn
#endif
