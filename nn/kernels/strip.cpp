#include "nn/kernels/strip.h"

#include "nn/kernels/product.h"
#include "nn/kernels/simd_dispatch.h"

#include <algorithm>
#include <array>
#include <utility>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "nn/kernels/strip.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "nn/kernels/tile-inl.h"

HWY_BEFORE_NAMESPACE();
namespace nn::HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;

// Targets × vectors of accumulators; with the weights of all taps they fit into the registers.
#if HWY_TARGET == HWY_AVX3
constexpr int kVectors = 2;
constexpr int kMostTargets = 14;
template <int Vectors, int Taps>
constexpr int stripTargets = Vectors == 1 ? 14 : std::min(10, 15 - Taps);
#elif HWY_TARGET == HWY_NEON
constexpr int kVectors = 4;
constexpr int kMostTargets = 4;
template <int Vectors, int Taps>
constexpr int stripTargets = 4;
#else
constexpr int kVectors = 2;
constexpr int kMostTargets = 4;
template <int Vectors, int Taps>
constexpr int stripTargets = 4;
#endif

constexpr Tag d;

/// A strip: neighbouring targets and a part of the reduction.
struct Strip {
    const float* source = nullptr;
    float* target = nullptr;
    std::int64_t firstChannel = 0, channels = 0;
    std::int64_t firstRow = 0, kernelRows = 0;
    std::ptrdiff_t column = 0; ///< First filter.
    int columns = 0;
    TileEnd end{};
    bool bias = false;
};

/// One channel of one filter row: each source value is multiplied with all taps.
template <int Targets, int Vectors, int Taps, int Step>
HWY_INLINE void addChannel(const float* source, std::ptrdiff_t pixel, const float* const* b,
                           std::ptrdiff_t at, Vector (&sums)[Targets][Vectors]) {
    Vector taps[Taps][Vectors];
    HWY_UNROLL(8)
    for (int j = 0; j < Taps; ++j) {
        HWY_UNROLL(4)
        for (int v = 0; v < Vectors; ++v) {
            taps[j][v] = hn::LoadU(d, b[j * Vectors + v] + at);
        }
    }
    HWY_UNROLL(32)
    for (int i = 0; i < (Targets - 1) * Step + Taps; ++i) {
        const Vector value = hn::Set(d, *source);
        source += pixel;
        HWY_UNROLL(8)
        for (int j = 0; j < Taps; ++j) {
            if (i >= j && (i - j) % Step == 0 && (i - j) / Step < Targets) {
                HWY_UNROLL(4)
                for (int v = 0; v < Vectors; ++v) {
                    auto& sum = sums[(i - j) / Step][v];
                    sum = hn::MulAdd(value, taps[j][v], sum);
                }
            }
        }
    }
}

template <int Targets, int Vectors, int Taps, int Step>
void multiplyStrip(const StripRows& rows, const StripWeights& w, const Strip& strip) {
    Vector sums[Targets][Vectors];
    HWY_UNROLL(4)
    for (int v = 0; v < Vectors; ++v) {
        const std::ptrdiff_t column = strip.column + v * kLanes;
        sums[0][v] = strip.bias ? hn::LoadU(d, w.bias + column) : hn::Zero(d);
    }
    float* to[Targets];
    HWY_UNROLL(16)
    for (int i = 0; i < Targets; ++i) {
        to[i] = strip.target + i * rows.targetPixel;
        HWY_UNROLL(4)
        for (int v = 0; v < Vectors; ++v) {
            sums[i][v] = sums[0][v];
        }
    }
    for (std::int64_t row = strip.firstRow; row < strip.firstRow + strip.kernelRows; ++row) {
        const float* b[Taps * Vectors];
        HWY_UNROLL(8)
        for (int j = 0; j < Taps; ++j) {
            HWY_UNROLL(4)
            for (int v = 0; v < Vectors; ++v) {
                const std::ptrdiff_t column = strip.column + v * kLanes;
                b[j * Vectors + v] = w.b + row * w.bRow + j * w.bTap +
                                     column / panelColumns * w.bPanel + column % panelColumns;
            }
        }
        const float* source = strip.source + row * w.kernelRowStep + strip.firstChannel;
        const std::ptrdiff_t end = (strip.firstChannel + strip.channels) * panelColumns;
        for (std::ptrdiff_t at = strip.firstChannel * panelColumns; at < end; at += panelColumns) {
            addChannel<Targets, Vectors, Taps, Step>(source, rows.sourcePixel, b, at, sums);
            ++source;
        }
    }
    storeTile<Tag, Targets, Vectors>(strip.end, sums, to, strip.column, strip.columns);
}

using StripFunction = void (*)(const StripRows&, const StripWeights&, const Strip&);
/// Strips of one width and number of taps by number of targets.
struct StripTable {
    int targets = 0; ///< Of the longest.
    std::array<StripFunction, kMostTargets + 1> functions{};
};

template <int Vectors, int Taps, int Step, int... Index>
constexpr StripTable tableOf(std::integer_sequence<int, Index...>) {
    return {sizeof...(Index), {nullptr, &multiplyStrip<Index + 1, Vectors, Taps, Step>...}};
}
template <int Vectors, int Taps, int Step>
constexpr StripTable table =
    tableOf<Vectors, Taps, Step>(std::make_integer_sequence<int, stripTargets<Vectors, Taps>>());

/// The table of a width; with step 1 of two to five taps, with step 2 of three to six.
template <int Vectors>
const StripTable& tableFor(std::int64_t taps, std::int64_t step) {
    static constexpr std::array<const StripTable*, 8> tables{
        &table<Vectors, 2, 1>, &table<Vectors, 3, 1>, &table<Vectors, 4, 1>, &table<Vectors, 5, 1>,
        &table<Vectors, 3, 2>, &table<Vectors, 4, 2>, &table<Vectors, 5, 2>, &table<Vectors, 6, 2>};
    return *tables[static_cast<std::size_t>(step == 1 ? taps - 2 : taps + 1)];
}

const StripTable& tableFor(int columns, std::int64_t taps, std::int64_t step) {
    return columns <= kVectors / 2 * kLanes ? tableFor<kVectors / 2>(taps, step)
                                            : tableFor<kVectors>(taps, step);
}

/// A part of the reduction for all targets, in strips of equal length.
void multiplyPart(const StripRows& rows, const StripWeights& w, Strip strip) {
    const StripTable& functions = tableFor(strip.columns, w.taps, rows.step);
    const std::int64_t strips = (rows.columns + functions.targets - 1) / functions.targets;
    for (std::int64_t y = 0; y < rows.rows; ++y) {
        for (std::int64_t i = 0; i < strips; ++i) {
            const std::int64_t first = rows.columns * i / strips;
            const std::int64_t last = rows.columns * (i + 1) / strips;
            strip.source = rows.source + y * rows.sourceRow + first * rows.step * rows.sourcePixel;
            strip.target = rows.target + y * rows.targetRow + first * rows.targetPixel;
            functions.functions[static_cast<std::size_t>(last - first)](rows, w, strip);
        }
    }
}

/// All of the reduction for a block of columns, in parts that stay in the first-level cache.
void multiplyColumns(const StripRows& rows, const StripWeights& w, std::ptrdiff_t column,
                     int columns) {
    const std::int64_t channelParts =
        (w.channels * w.taps + maxReductionSteps - 1) / maxReductionSteps;
    const std::int64_t fitting =
        std::max<std::int64_t>(1, maxReductionSteps * channelParts / (w.channels * w.taps));
    const std::int64_t rowParts = (w.kernelRows + fitting - 1) / fitting;
    const std::int64_t parts = rowParts * channelParts;
    for (std::int64_t part = 0; part < parts; ++part) {
        const std::int64_t rowPart = part / channelParts;
        const std::int64_t channelPart = part % channelParts;
        const bool isFirst = part == 0;
        Strip strip{.column = column, .columns = columns};
        strip.firstRow = w.kernelRows * rowPart / rowParts;
        strip.kernelRows = w.kernelRows * (rowPart + 1) / rowParts - strip.firstRow;
        strip.firstChannel = w.channels * channelPart / channelParts;
        strip.channels = w.channels * (channelPart + 1) / channelParts - strip.firstChannel;
        strip.end = {.add = w.add || !isFirst, .relu = w.relu && part + 1 == parts};
        strip.bias = isFirst && w.bias != nullptr;
        multiplyPart(rows, w, strip);
    }
}

} // namespace

bool stripsPaySimd(std::int64_t taps, std::int64_t step, std::int64_t columns) {
    constexpr bool wideRegisters = HWY_TARGET == HWY_AVX3;
    return wideRegisters && step <= 2 && taps > step && taps - step <= 4 && columns > kLanes / 2;
}

void multiplyStripsSimd(const StripRows& rows, const StripWeights& weights) {
    // A few rows at a time: their sources and results stay in the caches for all columns.
    const std::int64_t height = std::max<std::int64_t>(1, maxProductRows / rows.columns);
    constexpr std::int64_t width = kVectors * kLanes;
    for (std::int64_t y = 0; y < rows.rows; y += height) {
        StripRows part = rows;
        part.source += y * rows.sourceRow;
        part.target += y * rows.targetRow;
        part.rows = std::min(height, rows.rows - y);
        for (std::int64_t column = 0; column < weights.columns; column += width) {
            multiplyColumns(part, weights, column,
                            static_cast<int>(std::min(width, weights.columns - column)));
        }
    }
}

} // namespace nn::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nn {

HWY_EXPORT(stripsPaySimd);
HWY_EXPORT(multiplyStripsSimd);

bool stripsPay(std::int64_t taps, std::int64_t step, std::int64_t columns) {
    return NN_SIMD(stripsPaySimd)(taps, step, columns);
}

void multiplyStrips(const StripRows& rows, const StripWeights& weights) {
    NN_SIMD(multiplyStripsSimd)(rows, weights);
}

} // namespace nn
#endif
