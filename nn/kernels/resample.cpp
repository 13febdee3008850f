#include "nn/kernels/resample.h"

#include "nn/kernels/simd_dispatch.h"

#include <algorithm>

#ifndef NN_KERNELS_RESAMPLE_TYPES
#define NN_KERNELS_RESAMPLE_TYPES
namespace nn {
namespace {

/// to[i] = start + Σ_k weights[k] from[k · stride + i].
struct Blend {
    const float* from = nullptr;
    std::int64_t stride = 0;
    const float* weights = nullptr;
    std::int64_t count = 0;
    std::int64_t length = 0;
    float start = 0.0F;
    float* to = nullptr;
};

/// One row of targets from a row of sources that is already blended along y.
struct RowBlend {
    const ResampleAxis& x;
    std::int64_t channels = 1;
    const float* row = nullptr;
    float fill = 0.0F;
    float coverage = 1.0F; ///< Of the row.
    float* to = nullptr;
};

} // namespace
} // namespace nn
#endif

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "nn/kernels/resample.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "nn/kernels/map-inl.h"

HWY_BEFORE_NAMESPACE();
namespace nn::HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;

HWY_INLINE void blendInto(const Blend& b) {
    constexpr Tag d;
    forEachVector(b.length, [&]<bool Whole>(std::int64_t at, std::int64_t count) HWY_ATTR {
        Vector sum = hn::Set(d, b.start);
        const float* from = b.from + at;
        for (std::int64_t k = 0; k < b.count; ++k, from += b.stride) {
            sum = hn::MulAdd(hn::Set(d, b.weights[k]), load<Whole>(count, from), sum);
        }
        store<Whole>(sum, count, b.to + at);
    });
}

} // namespace

void blendSimd(const Blend& blend) {
    blendInto(blend);
}

void blendRowSimd(const RowBlend& b) {
    for (std::int64_t t = 0; t < b.x.targets; ++t) {
        const auto target = static_cast<std::size_t>(t);
        blendInto({.from = b.row + b.x.first[target] * b.channels,
                   .stride = b.channels,
                   .weights = b.x.weights.data() + t * b.x.taps,
                   .count = b.x.count[target],
                   .length = b.channels,
                   .start = b.fill * (1.0F - b.coverage * b.x.coverage[target]),
                   .to = b.to + t * b.channels});
    }
}

} // namespace nn::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nn {

HWY_EXPORT(blendSimd);
HWY_EXPORT(blendRowSimd);

namespace {

constexpr std::int64_t kTaskFloats = 16 * 1024;

} // namespace

std::int64_t resampleScratchFloats(const ResampleAxis& x, std::int64_t channels) {
    return x.sources * channels * Parallel::maxThreads;
}

void resample(Parallel& parallel, const ResampleAxis& y, const ResampleAxis& x,
              const ResampleArgs& args) {
    const std::int64_t sourceRow = x.sources * args.channels;
    const std::int64_t targetRow = x.targets * args.channels;
    const std::int64_t rows =
        std::clamp<std::int64_t>(kTaskFloats / std::max<std::int64_t>(targetRow, 1), 1,
                                 std::max<std::int64_t>(y.targets, 1));
    const std::int64_t blocks = (y.targets + rows - 1) / rows;
    parallel.run(args.batch * blocks, [&](std::int64_t task, int worker) {
        const std::int64_t image = task / blocks;
        const std::int64_t begin = task % blocks * rows;
        const float* const source = args.source.data() + image * y.sources * sourceRow;
        float* const target = args.target.data() + image * y.targets * targetRow;
        float* const row = args.scratch.data() + worker * sourceRow;
        for (std::int64_t t = begin; t < std::min(begin + rows, y.targets); ++t) {
            const auto at = static_cast<std::size_t>(t);
            NN_SIMD(blendSimd)
            ({.from = source + y.first[at] * sourceRow,
              .stride = sourceRow,
              .weights = y.weights.data() + t * y.taps,
              .count = y.count[at],
              .length = sourceRow,
              .to = row});
            NN_SIMD(blendRowSimd)
            ({.x = x,
              .channels = args.channels,
              .row = row,
              .fill = args.fill,
              .coverage = y.coverage[at],
              .to = target + t * targetRow});
        }
    });
}

} // namespace nn
#endif
