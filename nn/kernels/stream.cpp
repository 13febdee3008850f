#include "nn/kernels/stream.h"

#include "nn/kernels/simd_dispatch.h"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "nn/kernels/stream.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "nn/kernels/map-inl.h"

HWY_BEFORE_NAMESPACE();
namespace nn::HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;

constexpr Tag d;
constexpr std::int64_t kLines = 8;

/// Up to eight lines at once: c is read and written once for all of them.
template <int Rows>
void addLineGroup(const WeightStream& s, std::int64_t first, std::int64_t lines) {
    const float* const weights = s.weights + first * s.stride;
    const float* const a = s.a + first;
    forEachVector(s.columns, [&]<bool Whole>(std::int64_t at, std::int64_t count) HWY_ATTR {
        Vector sums[Rows];
        HWY_UNROLL(4)
        for (int r = 0; r < Rows; ++r) {
            sums[r] = hn::Zero(d);
        }
        for (std::int64_t line = 0; line < lines; ++line) {
            const Vector weight = load<Whole>(count, weights + line * s.stride + at);
            HWY_UNROLL(4)
            for (int r = 0; r < Rows; ++r) {
                sums[r] = hn::MulAdd(hn::Set(d, a[r * s.aRow + line]), weight, sums[r]);
            }
        }
        HWY_UNROLL(4)
        for (int r = 0; r < Rows; ++r) {
            float* const to = s.c + r * s.cRow + at;
            store<Whole>(hn::Add(sums[r], load<Whole>(count, to)), count, to);
        }
    });
}

template <int Rows>
void addAllLines(const WeightStream& s) {
    for (std::int64_t line = 0; line < s.lines; line += kLines) {
        addLineGroup<Rows>(s, line, std::min(kLines, s.lines - line));
    }
}

/// Σ_n a[r][n] line[n]: two chains per row, in runs short enough for floats.
template <int Rows>
HWY_INLINE void dotLine(const WeightStream& s, const float* line, float (&totals)[Rows]) {
    constexpr std::int64_t run = 256 * kLanes;
    std::fill_n(totals, Rows, 0.0F);
    for (std::int64_t first = 0; first < s.columns; first += run) {
        Vector even[Rows];
        Vector odd[Rows];
        HWY_UNROLL(4)
        for (int r = 0; r < Rows; ++r) {
            even[r] = hn::Zero(d);
            odd[r] = hn::Zero(d);
        }
        const std::int64_t end = std::min(first + run, s.columns);
        std::int64_t at = first;
        for (; at + 2 * kLanes <= end; at += 2 * kLanes) {
            const Vector w0 = hn::LoadU(d, line + at);
            const Vector w1 = hn::LoadU(d, line + at + kLanes);
            HWY_UNROLL(4)
            for (int r = 0; r < Rows; ++r) {
                const float* const a = s.a + r * s.aRow + at;
                even[r] = hn::MulAdd(hn::LoadU(d, a), w0, even[r]);
                odd[r] = hn::MulAdd(hn::LoadU(d, a + kLanes), w1, odd[r]);
            }
        }
        for (; at < end; at += kLanes) {
            const std::int64_t count = std::min<std::int64_t>(kLanes, end - at);
            const Vector w = loadFirst(count, line + at);
            HWY_UNROLL(4)
            for (int r = 0; r < Rows; ++r) {
                even[r] = hn::MulAdd(loadFirst(count, s.a + r * s.aRow + at), w, even[r]);
            }
        }
        HWY_UNROLL(4)
        for (int r = 0; r < Rows; ++r) {
            totals[r] += hn::GetLane(hn::SumOfLanes(d, hn::Add(even[r], odd[r])));
        }
    }
}

template <int Rows>
void dotAllLines(const WeightStream& s, Write write) {
    for (std::int64_t line = 0; line < s.lines; ++line) {
        float totals[Rows];
        dotLine<Rows>(s, s.weights + line * s.stride, totals);
        for (int r = 0; r < Rows; ++r) {
            float& to = s.c[r * s.cRow + line];
            to = write == Write::Add ? to + totals[r] : totals[r];
        }
    }
}

} // namespace

void addLinesSimd(const WeightStream& s) {
    switch (s.rows) {
    case 1:
        return addAllLines<1>(s);
    case 2:
        return addAllLines<2>(s);
    case 3:
        return addAllLines<3>(s);
    default:
        return addAllLines<4>(s);
    }
}

void dotLinesSimd(const WeightStream& s, Write write) {
    switch (s.rows) {
    case 1:
        return dotAllLines<1>(s, write);
    case 2:
        return dotAllLines<2>(s, write);
    case 3:
        return dotAllLines<3>(s, write);
    default:
        return dotAllLines<4>(s, write);
    }
}

} // namespace nn::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nn {

HWY_EXPORT(addLinesSimd);
HWY_EXPORT(dotLinesSimd);

void addLines(const WeightStream& stream) {
    NN_SIMD(addLinesSimd)(stream);
}

void dotLines(const WeightStream& stream, Write write) {
    NN_SIMD(dotLinesSimd)(stream, write);
}

} // namespace nn
#endif
