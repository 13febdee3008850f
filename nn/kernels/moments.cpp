#include "nn/kernels/moments.h"

#include "nn/kernels/rows.h"
#include "nn/kernels/simd_dispatch.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "nn/kernels/moments.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "nn/kernels/map-inl.h"

HWY_BEFORE_NAMESPACE();
namespace nn::HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;

constexpr Tag d;
// Pixels whose squares are summed before the sum is added to those before.
constexpr std::int64_t kMostPixels = 256;

/// Σ (x - mean)² of one vector of channels, with two chains of additions.
template <bool Whole>
HWY_INLINE Vector sumOfSquares(const float* x, std::int64_t pixels, std::ptrdiff_t pixel,
                               std::int64_t count, Vector mean) {
    Vector even = hn::Zero(d);
    Vector odd = hn::Zero(d);
    std::int64_t i = 0;
    for (; i + 2 <= pixels; i += 2, x += 2 * pixel) {
        const Vector first = hn::Sub(load<Whole>(count, x), mean);
        const Vector second = hn::Sub(load<Whole>(count, x + pixel), mean);
        even = hn::MulAdd(first, first, even);
        odd = hn::MulAdd(second, second, odd);
    }
    if (i < pixels) {
        const Vector last = hn::Sub(load<Whole>(count, x), mean);
        even = hn::MulAdd(last, last, even);
    }
    return hn::Add(even, odd);
}

} // namespace

void addToSquaresSimd(const ChannelMoments& to, const float* x, std::int64_t pixels) {
    for (std::int64_t first = 0; first < pixels; first += kMostPixels) {
        const std::int64_t part = std::min(kMostPixels, pixels - first);
        forEachVector(to.channels, [&]<bool Whole>(std::int64_t c, std::int64_t count) HWY_ATTR {
            const Vector sum = sumOfSquares<Whole>(x + first * to.pixel + c, part, to.pixel, count,
                                                   load<Whole>(count, to.means + c));
            float* const squares = to.squares + c;
            store<Whole>(hn::Add(load<Whole>(count, squares), sum), count, squares);
        });
    }
}

void divideMeansSimd(const ChannelMoments& to, std::int64_t pixels) {
    const Vector all = hn::Set(d, static_cast<float>(pixels));
    map(to.means, to.means, to.channels, [&](Vector sum) HWY_ATTR { return hn::Div(sum, all); });
}

} // namespace nn::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nn {

HWY_EXPORT(addToSquaresSimd);
HWY_EXPORT(divideMeansSimd);

void addToMeans(const ChannelMoments& to, const float* x, std::int64_t pixels) {
    sumRows({.x = x,
             .count = pixels,
             .stride = to.pixel,
             .columns = to.channels,
             .totals = to.means,
             .add = true});
}

void addToSquares(const ChannelMoments& to, const float* x, std::int64_t pixels) {
    NN_SIMD(addToSquaresSimd)(to, x, pixels);
}

void divideMeans(const ChannelMoments& to, std::int64_t pixels) {
    NN_SIMD(divideMeansSimd)(to, pixels);
}

} // namespace nn
#endif
