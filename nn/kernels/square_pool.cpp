#include "nn/kernels/square_pool.h"

#include "nn/kernels/simd_dispatch.h"

#include <algorithm>
#include <cstring>
#include <iterator>
#include <utility>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "nn/kernels/square_pool.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "nn/kernels/activation-inl.h"
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

/// Times the slope of the activation with these outputs.
template <ActivationKind Kind, bool Whole>
HWY_INLINE Vector timesSlope(const Activation& f, Vector gradient, std::int64_t count,
                             const float* outputs) {
    if constexpr (Kind == ActivationKind::Linear) {
        return gradient;
    } else {
        return hn::Mul(gradient, Function<Kind>::slope(f, load<Whole>(count, outputs)));
    }
}

template <ActivationKind Kind>
void averageNarrowBackward(const SquareRows& rows, const MeanGradient& g) {
    const std::int64_t channels = rows.channels;
    const auto twice = lanesFrom(
        [channels](int i) { return i < channels || i >= 2 * channels ? i : i - channels; });
    const Vector quarter = hn::Set(d, 0.25F);
    for (std::int64_t column = 0; column < rows.columns; ++column) {
        const std::int64_t in = 2 * column * channels;
        const Vector share = hn::Mul(loadFirst(channels, g.dy + column * channels), quarter);
        const Vector both = hn::TableLookupLanes(share, twice);
        const auto put = [&](const float* outputs, float* to) HWY_ATTR {
            storeFirst(timesSlope<Kind, false>(g.activation, both, 2 * channels, outputs + in),
                       2 * channels, to + in);
        };
        put(g.topOutputs, g.top);
        put(g.bottomOutputs, g.bottom);
    }
}

template <ActivationKind Kind>
void averageWideBackward(const SquareRows& rows, const MeanGradient& g) {
    const Vector quarter = hn::Set(d, 0.25F);
    forEachWindow(
        rows, [&]<bool Whole>(std::int64_t in, std::int64_t out, std::int64_t count) HWY_ATTR {
            const Vector share = hn::Mul(load<Whole>(count, g.dy + out), quarter);
            const auto put = [&](const float* outputs, float* to, std::int64_t at) HWY_ATTR {
                store<Whole>(timesSlope<Kind, Whole>(g.activation, share, count, outputs + at),
                             count, to + at);
            };
            put(g.topOutputs, g.top, in);
            put(g.topOutputs, g.top, in + rows.channels);
            put(g.bottomOutputs, g.bottom, in);
            put(g.bottomOutputs, g.bottom, in + rows.channels);
        });
}

template <ActivationKind Kind>
void averageBackward(const SquareRows& rows, const MeanGradient& g) {
    if (isNarrow(rows)) {
        averageNarrowBackward<Kind>(rows, g);
    } else {
        averageWideBackward<Kind>(rows, g);
    }
}

template <std::size_t... Kinds>
void averageBackwardBefore(const SquareRows& rows, const MeanGradient& g,
                           std::index_sequence<Kinds...> /*all*/) {
    const auto call = [&]<ActivationKind Kind>() {
        if (g.activation.kind == Kind) {
            averageBackward<Kind>(rows, g);
        }
        return g.activation.kind == Kind;
    };
    (call.template operator()<kAveragedActivations[Kinds]>() || ...);
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

void averageSquaresBackwardSimd(const SquareRows& rows, const MeanGradient& gradient) {
    if (gradient.activation.kind == ActivationKind::Linear) {
        averageBackward<ActivationKind::Linear>(rows, gradient);
    } else {
        averageBackwardBefore(rows, gradient,
                              std::make_index_sequence<std::size(kAveragedActivations)>());
    }
    clearOddPixel(rows, gradient.top, gradient.bottom);
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

void averageSquaresBackward(const SquareRows& rows, const MeanGradient& gradient) {
    NN_SIMD(averageSquaresBackwardSimd)(rows, gradient);
}

} // namespace nn
#endif
