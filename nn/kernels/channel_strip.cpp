#include "nn/kernels/channel_strip.h"

#include "nn/kernels/simd_dispatch.h"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "nn/kernels/channel_strip.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "nn/kernels/map-inl.h"

HWY_BEFORE_NAMESPACE();
namespace nn::HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;

constexpr Tag d;
constexpr int kTargets = HWY_TARGET == HWY_SCALAR ? 2 : 8;

/// One vector of channels of neighbouring targets.
template <bool Whole, int Targets, int Taps>
HWY_INLINE void addVector(const StripRows& rows, const StripWeights& w, const float* source,
                          float* target, std::int64_t n, std::int64_t count) {
    Vector sums[Targets];
    sums[0] = w.bias == nullptr ? hn::Zero(d) : load<Whole>(count, w.bias + n);
    HWY_UNROLL(8)
    for (int i = 1; i < Targets; ++i) {
        sums[i] = sums[0];
    }
    for (std::int64_t row = 0; row < w.kernelRows; ++row) {
        Vector taps[Taps];
        HWY_UNROLL(4)
        for (int j = 0; j < Taps; ++j) {
            taps[j] = load<Whole>(count, w.b + row * w.bRow + j * w.bTap + n);
        }
        const float* from = source + row * w.kernelRowStep + n;
        HWY_UNROLL(16)
        for (int i = 0; i < Targets + Taps - 1; ++i) {
            const Vector value = load<Whole>(count, from);
            from += rows.sourcePixel;
            HWY_UNROLL(4)
            for (int j = 0; j < Taps; ++j) {
                if (i >= j && i - j < Targets) {
                    sums[i - j] = hn::MulAdd(value, taps[j], sums[i - j]);
                }
            }
        }
    }
    const Vector floor = hn::Set(d, w.relu ? 0.0F : -std::numeric_limits<float>::infinity());
    float* to = target + n;
    HWY_UNROLL(8)
    for (int i = 0; i < Targets; ++i) {
        const Vector sum = w.add ? hn::Add(sums[i], load<Whole>(count, to)) : sums[i];
        store<Whole>(atLeast(floor, sum), count, to);
        to += rows.targetPixel;
    }
}

template <int Targets, int Taps>
void multiplyStrip(const StripRows& rows, const StripWeights& w, const float* source,
                   float* target) {
    forEachVector(w.columns, [&]<bool Whole>(std::int64_t n, std::int64_t count) HWY_ATTR {
        addVector<Whole, Targets, Taps>(rows, w, source, target, n, count);
    });
}

using StripFunction = void (*)(const StripRows&, const StripWeights&, const float*, float*);
using StripTable = std::array<StripFunction, kTargets + 1>;

template <int Taps, int... Index>
constexpr StripTable tableOf(std::integer_sequence<int, Index...>) {
    return {nullptr, &multiplyStrip<Index + 1, Taps>...};
}
/// Strips by number of targets.
template <int Taps>
constexpr StripTable table = tableOf<Taps>(std::make_integer_sequence<int, kTargets>());

} // namespace

void multiplyChannelStripsSimd(const StripRows& rows, const StripWeights& w) {
    const StripTable& functions = w.taps == 2 ? table<2> : table<3>;
    const std::int64_t strips = (rows.columns + kTargets - 1) / kTargets;
    for (std::int64_t y = 0; y < rows.rows; ++y) {
        const float* const source = rows.source + y * rows.sourceRow;
        float* const target = rows.target + y * rows.targetRow;
        for (std::int64_t i = 0; i < strips; ++i) {
            const std::int64_t first = rows.columns * i / strips;
            const std::int64_t last = rows.columns * (i + 1) / strips;
            functions[static_cast<std::size_t>(last - first)](
                rows, w, source + first * rows.sourcePixel, target + first * rows.targetPixel);
        }
    }
}

} // namespace nn::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nn {

HWY_EXPORT(multiplyChannelStripsSimd);

void multiplyChannelStrips(const StripRows& rows, const StripWeights& weights) {
    NN_SIMD(multiplyChannelStripsSimd)(rows, weights);
}

} // namespace nn
#endif
