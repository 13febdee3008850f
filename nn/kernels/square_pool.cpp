#include "nn/kernels/square_pool.h"

#include "nn/kernels/simd_dispatch.h"

#include <algorithm>
#include <cstring>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "nn/kernels/square_pool.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "nn/kernels/map-inl.h"

HWY_BEFORE_NAMESPACE();
namespace nn::HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;

constexpr Tag d;
using Indices = hn::RebindToSigned<Tag>;
using Bytes = hn::Rebind<std::uint8_t, Tag>;

template <bool Whole>
HWY_INLINE void storeBytes(hn::Vec<Indices> values, std::int64_t count, std::uint8_t* to) {
    const auto bytes = hn::DemoteTo(Bytes(), values);
    if constexpr (Whole) {
        hn::StoreU(bytes, Bytes(), to);
    } else {
        alignas(64) std::uint8_t lanes[kLanes];
        hn::Store(bytes, Bytes(), lanes);
        std::memcpy(to, lanes, static_cast<std::size_t>(count));
    }
}

template <bool Whole>
HWY_INLINE hn::Vec<Indices> loadBytes(std::int64_t count, const std::uint8_t* from) {
    if constexpr (Whole) {
        return hn::PromoteTo(Indices(), hn::LoadU(Bytes(), from));
    } else {
        alignas(64) std::uint8_t lanes[kLanes] = {};
        std::memcpy(lanes, from, static_cast<std::size_t>(count));
        return hn::PromoteTo(Indices(), hn::Load(Bytes(), lanes));
    }
}

/// Calls body<Whole>(input, output, count) for all vectors of all windows; input is the offset of
/// the window's first pixel in a row.
template <typename Body>
HWY_INLINE void forEachWindow(const SquareRows& rows, const Body& body) {
    for (std::int64_t column = 0; column < rows.columns; ++column) {
        const std::int64_t in = 2 * column * rows.channels;
        const std::int64_t out = column * rows.channels;
        forEachVector(rows.channels, [&]<bool Whole>(std::int64_t at, std::int64_t count) HWY_ATTR {
            body.template operator()<Whole>(in + at, out + at, count);
        });
    }
}

void clearOddPixel(const SquareRows& rows, float* top, float* bottom) {
    if (rows.oddPixel) {
        std::fill_n(top + 2 * rows.columns * rows.channels, rows.channels, 0.0F);
        std::fill_n(bottom + 2 * rows.columns * rows.channels, rows.channels, 0.0F);
    }
}

/// Whether a vector holds both pixels of a window's row.
bool isNarrow(const SquareRows& rows) {
    return 2 * rows.channels <= kLanes;
}

/// Which lanes a vector is made of: lane i of the result is lane from(i).
template <typename From>
HWY_INLINE auto lanesFrom(const From& from) {
    alignas(64) std::int32_t lanes[kLanes];
    for (int i = 0; i < kLanes; ++i) {
        lanes[i] = static_cast<std::int32_t>(from(i));
    }
    return hn::SetTableIndices(d, lanes);
}

void averageNarrow(const SquareRows& rows, const float* top, const float* bottom, float* y) {
    const std::int64_t channels = rows.channels;
    const auto right = lanesFrom([channels](int i) { return (i + channels) % kLanes; });
    const Vector quarter = hn::Set(d, 0.25F);
    for (std::int64_t column = 0; column < rows.columns; ++column) {
        const std::int64_t in = 2 * column * channels;
        const Vector both =
            hn::Add(loadFirst(2 * channels, top + in), loadFirst(2 * channels, bottom + in));
        const Vector sum = hn::Add(both, hn::TableLookupLanes(both, right));
        storeFirst(hn::Mul(sum, quarter), channels, y + column * channels);
    }
}

void averageNarrowBackward(const SquareRows& rows, const float* dy, float* top, float* bottom) {
    const std::int64_t channels = rows.channels;
    const auto twice = lanesFrom([channels](int i) { return i % channels; });
    const Vector quarter = hn::Set(d, 0.25F);
    for (std::int64_t column = 0; column < rows.columns; ++column) {
        const std::int64_t in = 2 * column * channels;
        const Vector share = hn::Mul(loadFirst(channels, dy + column * channels), quarter);
        const Vector both = hn::TableLookupLanes(share, twice);
        storeFirst(both, 2 * channels, top + in);
        storeFirst(both, 2 * channels, bottom + in);
    }
}

} // namespace

void maxSquaresSimd(const SquareRows& rows, const float* top, const float* bottom, float* y,
                    std::uint8_t* positions) {
    const std::int64_t right = rows.channels;
    forEachWindow(rows, [&]<bool Whole>(std::int64_t in, std::int64_t out,
                                        std::int64_t count) HWY_ATTR {
        const Vector cells[4] = {load<Whole>(count, top + in), load<Whole>(count, top + in + right),
                                 load<Whole>(count, bottom + in),
                                 load<Whole>(count, bottom + in + right)};
        Vector best = cells[0];
        auto at = hn::Zero(Indices());
        HWY_UNROLL(4)
        for (int i = 1; i < 4; ++i) {
            const auto wins = hn::Or(hn::Gt(cells[i], best), hn::IsNaN(cells[i]));
            best = hn::IfThenElse(wins, cells[i], best);
            at = hn::IfThenElse(hn::RebindMask(Indices(), wins), hn::Set(Indices(), i), at);
        }
        store<Whole>(best, count, y + out);
        if (positions != nullptr) {
            storeBytes<Whole>(at, count, positions + out);
        }
    });
}

void maxSquaresBackwardSimd(const SquareRows& rows, const float* dy, const std::uint8_t* positions,
                            const float* outputs, float* top, float* bottom) {
    const std::int64_t right = rows.channels;
    forEachWindow(
        rows, [&]<bool Whole>(std::int64_t in, std::int64_t out, std::int64_t count) HWY_ATTR {
            Vector gradient = load<Whole>(count, dy + out);
            if (outputs != nullptr) {
                const auto passes = hn::Gt(load<Whole>(count, outputs + out), hn::Zero(d));
                gradient = hn::IfThenElseZero(passes, gradient);
            }
            const auto at = loadBytes<Whole>(count, positions + out);
            float* const to[4] = {top + in, top + in + right, bottom + in, bottom + in + right};
            HWY_UNROLL(4)
            for (int i = 0; i < 4; ++i) {
                const auto here = hn::RebindMask(d, hn::Eq(at, hn::Set(Indices(), i)));
                store<Whole>(hn::IfThenElseZero(here, gradient), count, to[i]);
            }
        });
    clearOddPixel(rows, top, bottom);
}

void averageSquaresSimd(const SquareRows& rows, const float* top, const float* bottom, float* y) {
    if (isNarrow(rows)) {
        averageNarrow(rows, top, bottom, y);
        return;
    }
    const std::int64_t right = rows.channels;
    const Vector quarter = hn::Set(d, 0.25F);
    forEachWindow(rows, [&]<bool Whole>(std::int64_t in, std::int64_t out,
                                        std::int64_t count) HWY_ATTR {
        Vector sum = hn::Add(load<Whole>(count, top + in), load<Whole>(count, top + in + right));
        sum = hn::Add(sum, load<Whole>(count, bottom + in));
        sum = hn::Add(sum, load<Whole>(count, bottom + in + right));
        store<Whole>(hn::Mul(sum, quarter), count, y + out);
    });
}

void averageSquaresBackwardSimd(const SquareRows& rows, const float* dy, float* top,
                                float* bottom) {
    if (isNarrow(rows)) {
        averageNarrowBackward(rows, dy, top, bottom);
        clearOddPixel(rows, top, bottom);
        return;
    }
    const std::int64_t right = rows.channels;
    const Vector quarter = hn::Set(d, 0.25F);
    forEachWindow(rows,
                  [&]<bool Whole>(std::int64_t in, std::int64_t out, std::int64_t count) HWY_ATTR {
                      const Vector share = hn::Mul(load<Whole>(count, dy + out), quarter);
                      store<Whole>(share, count, top + in);
                      store<Whole>(share, count, top + in + right);
                      store<Whole>(share, count, bottom + in);
                      store<Whole>(share, count, bottom + in + right);
                  });
    clearOddPixel(rows, top, bottom);
}

} // namespace nn::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nn {

HWY_EXPORT(maxSquaresSimd);
HWY_EXPORT(maxSquaresBackwardSimd);
HWY_EXPORT(averageSquaresSimd);
HWY_EXPORT(averageSquaresBackwardSimd);

void maxSquares(const SquareRows& rows, const float* top, const float* bottom, float* y,
                std::uint8_t* positions) {
    NN_SIMD(maxSquaresSimd)(rows, top, bottom, y, positions);
}

void maxSquaresBackward(const SquareRows& rows, const float* dy, const std::uint8_t* positions,
                        const float* outputs, float* top, float* bottom) {
    NN_SIMD(maxSquaresBackwardSimd)(rows, dy, positions, outputs, top, bottom);
}

void averageSquares(const SquareRows& rows, const float* top, const float* bottom, float* y) {
    NN_SIMD(averageSquaresSimd)(rows, top, bottom, y);
}

void averageSquaresBackward(const SquareRows& rows, const float* dy, float* top, float* bottom) {
    NN_SIMD(averageSquaresBackwardSimd)(rows, dy, top, bottom);
}

} // namespace nn
#endif
