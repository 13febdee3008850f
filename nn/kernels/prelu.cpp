#include "nn/kernels/prelu.h"

#include "nn/kernels/map.h"
#include "nn/kernels/simd_dispatch.h"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "nn/kernels/prelu.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "nn/kernels/map-inl.h"

HWY_BEFORE_NAMESPACE();
namespace nn::HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;

HWY_INLINE auto isNegative(Vector x) {
    return hn::Lt(x, hn::Zero(Tag()));
}

} // namespace

/// y = v, or alpha v where x is negative.
void slopedSimd(const float* x, const float* alpha, const float* v, float* y, std::int64_t total) {
    forEachVector(total, [&]<bool Whole>(std::int64_t at, std::int64_t count) HWY_ATTR {
        const Vector value = load<Whole>(count, v + at);
        const Vector sloped = hn::Mul(value, load<Whole>(count, alpha + at));
        const auto negative = isNegative(load<Whole>(count, x + at));
        store<Whole>(hn::IfThenElse(negative, sloped, value), count, y + at);
    });
}

/// total[i] = Σ over `rows` rows of dy x where x is negative.
void slopeGradientSimd(const float* x, const float* dy, std::int64_t rows, std::int64_t stride,
                       float* totals, std::int64_t columns) {
    forEachVector(columns, [&]<bool Whole>(std::int64_t at, std::int64_t count) HWY_ATTR {
        Vector total = hn::Zero(Tag());
        for (std::int64_t row = 0; row < rows; ++row) {
            const Vector value = load<Whole>(count, x + row * stride + at);
            const Vector product = hn::Mul(value, load<Whole>(count, dy + row * stride + at));
            total = hn::Add(total, hn::IfThenElseZero(isNegative(value), product));
        }
        store<Whole>(total, count, totals + at);
    });
}

} // namespace nn::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nn {

HWY_EXPORT(slopedSimd);
HWY_EXPORT(slopeGradientSimd);

namespace {

/// Calls body(first value, first value within its sample, count) in parallel for blocks of a
/// batch, none of which crosses from one sample into the next.
template <typename Body>
void forEachSampleBlock(Parallel& parallel, std::size_t batchValues, std::size_t sampleValues,
                        const Body& body) {
    const auto sample = static_cast<std::int64_t>(sampleValues);
    const std::int64_t batch = static_cast<std::int64_t>(batchValues) / sample;
    const std::int64_t blocks = (sample + mapBlock - 1) / mapBlock;
    parallel.run(batch * blocks, [&](std::int64_t task, int /*worker*/) {
        const std::int64_t within = task % blocks * mapBlock;
        body(task / blocks * sample + within, within, std::min(mapBlock, sample - within));
    });
}

} // namespace

void preluForward(Parallel& parallel, std::span<const float> x, std::span<const float> alpha,
                  std::span<float> y) {
    preluBackward(parallel, {.x = x, .alpha = alpha, .dy = x, .dx = y});
}

void preluBackward(Parallel& parallel, const PreluBackwardArgs& args) {
    forEachSampleBlock(parallel, args.x.size(), args.alpha.size(),
                       [&](std::int64_t at, std::int64_t within, std::int64_t count) {
                           NN_SIMD(slopedSimd)
                           (args.x.data() + at, args.alpha.data() + within, args.dy.data() + at,
                            args.dx.data() + at, count);
                       });
}

void preluSlopeGradient(Parallel& parallel, std::span<const float> x, std::span<const float> dy,
                        std::span<float> dalpha) {
    const auto sample = static_cast<std::int64_t>(dalpha.size());
    const std::int64_t rows = static_cast<std::int64_t>(x.size()) / sample;
    const std::int64_t block =
        std::max<std::int64_t>(64, mapBlock / std::max<std::int64_t>(rows, 1));
    forEachBlock(
        parallel, sample,
        [&](std::int64_t first, std::int64_t count) {
            NN_SIMD(slopeGradientSimd)
            (x.data() + first, dy.data() + first, rows, sample, dalpha.data() + first, count);
        },
        block);
}

} // namespace nn
#endif
