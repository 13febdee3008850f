#include "nn/kernels/conv_spread.h"

#include "nn/kernels/pack.h"
#include "nn/kernels/product.h"
#include "nn/kernels/scratch.h"
#include "nn/kernels/simd_dispatch.h"

#include <algorithm>
#include <array>
#include <utility>

#ifndef NN_KERNELS_CONV_SPREAD_TYPES
#define NN_KERNELS_CONV_SPREAD_TYPES
namespace nn {
namespace {

constexpr std::int64_t kMostKernelRows = 16;

/// Rows of dy and the filter rows they are multiplied with; their sum is one row of the result.
struct SpreadRow {
    std::int64_t count = 0;
    const float* const* dy = nullptr;
    const float* const* weights = nullptr; ///< [panel][filter][16]
};

/// What each pixel of a row of dy adds along a filter's row: to[pixel][width], zeros from `columns`
/// on.
struct SpreadSums {
    std::int64_t pixels = 0, filters = 0;
    std::int64_t columns = 0, width = 0;
    float* to = nullptr;
};

/// Sums of some rows, and the lines they are added to: a line begins with the lowest tap of the
/// first pixel.
struct SpreadLines {
    const float* sums = nullptr; ///< [row][pixel][width]
    std::int64_t rows = 0, pixels = 0, width = 0;
    float* lines = nullptr;
    std::int64_t lineFloats = 0;
    std::int64_t step = 0; ///< Floats of a line from one pixel to the next.
};

} // namespace
} // namespace nn
#endif

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "nn/kernels/conv_spread.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "nn/kernels/map-inl.h"

HWY_BEFORE_NAMESPACE();
namespace nn::HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;

constexpr Tag d;

// Pixels × vectors of accumulators that fit into the registers.
constexpr int kVectors = HWY_TARGET == HWY_AVX3 ? 2 : 4;
constexpr int kMostPixels = 14;
template <int Vectors>
constexpr int tilePixels = HWY_TARGET == HWY_AVX3   ? (Vectors == 1 ? 14 : 12)
                           : HWY_TARGET == HWY_NEON ? 6
                                                    : (Vectors < 3 ? 6 : 3);

/// A piece of all pixels and columns.
struct Piece {
    std::int64_t pixel = 0, column = 0;
    bool add = false; ///< Add to the sums that are there.
};

template <int Pixels, int Vectors>
void sumTile(const SpreadRow& row, const SpreadSums& s, const Piece& piece) {
    Vector sums[Pixels][Vectors];
    HWY_UNROLL(16)
    for (int p = 0; p < Pixels; ++p) {
        HWY_UNROLL(4)
        for (int v = 0; v < Vectors; ++v) {
            sums[p][v] = hn::Zero(d);
        }
    }
    std::ptrdiff_t panels[Vectors];
    HWY_UNROLL(4)
    for (int v = 0; v < Vectors; ++v) {
        const std::ptrdiff_t column = piece.column + v * kLanes;
        panels[v] = column / panelColumns * s.filters * panelColumns + column % panelColumns;
    }
    for (std::int64_t i = 0; i < row.count; ++i) {
        const float* from = row.dy[i] + piece.pixel * s.filters;
        const float* b = row.weights[i];
        const float* const end = from + s.filters;
        for (; from != end; ++from, b += panelColumns) {
            Vector right[Vectors];
            HWY_UNROLL(4)
            for (int v = 0; v < Vectors; ++v) {
                right[v] = hn::LoadU(d, b + panels[v]);
            }
            const float* value = from;
            HWY_UNROLL(16)
            for (int p = 0; p < Pixels; ++p) {
                const Vector left = hn::Set(d, *value);
                value += s.filters;
                HWY_UNROLL(4)
                for (int v = 0; v < Vectors; ++v) {
                    sums[p][v] = hn::MulAdd(left, right[v], sums[p][v]);
                }
            }
        }
    }
    HWY_UNROLL(4)
    for (int v = 0; v < Vectors; ++v) {
        const std::int64_t column = piece.column + v * kLanes;
        // What is not a number times zero is not zero.
        const auto inside = hn::FirstN(
            d, static_cast<std::size_t>(std::clamp<std::int64_t>(s.columns - column, 0, kLanes)));
        float* to = s.to + piece.pixel * s.width + column;
        HWY_UNROLL(16)
        for (int p = 0; p < Pixels; ++p, to += s.width) {
            const Vector sum = hn::IfThenElseZero(inside, sums[p][v]);
            hn::StoreU(piece.add ? hn::Add(hn::LoadU(d, to), sum) : sum, d, to);
        }
    }
}

using TileFunction = void (*)(const SpreadRow&, const SpreadSums&, const Piece&);
/// Tiles of one width by number of pixels.
struct TileTable {
    int pixels = 0; ///< Of the longest.
    std::array<TileFunction, kMostPixels + 1> functions{};
};

template <int Vectors, int... Index>
constexpr TileTable tableOf(std::integer_sequence<int, Index...>) {
    return {sizeof...(Index), {nullptr, &sumTile<Index + 1, Vectors>...}};
}
template <int... Index>
constexpr std::array<TileTable, kVectors> tablesOf(std::integer_sequence<int, Index...>) {
    return {tableOf<Index + 1>(std::make_integer_sequence<int, tilePixels<Index + 1>>())...};
}
constexpr auto tables = tablesOf(std::make_integer_sequence<int, kVectors>());

} // namespace

bool spreadPaysSimd(std::int64_t taps, std::int64_t channels) {
    const auto vectors = [](std::int64_t values) { return (values + kLanes - 1) / kLanes; };
    return vectors(taps * channels) < taps * vectors(channels);
}

void spreadSumsSimd(const SpreadRow& row, const SpreadSums& s, bool add) {
    for (std::int64_t column = 0; column < s.width; column += kVectors * kLanes) {
        const std::int64_t vectors = std::min<std::int64_t>(kVectors, (s.width - column) / kLanes);
        const TileTable& tiles = tables[static_cast<std::size_t>(vectors - 1)];
        const std::int64_t count = (s.pixels + tiles.pixels - 1) / tiles.pixels;
        for (std::int64_t i = 0; i < count; ++i) {
            const std::int64_t first = s.pixels * i / count;
            const std::int64_t last = s.pixels * (i + 1) / count;
            tiles.functions[static_cast<std::size_t>(last - first)](row, s, {first, column, add});
        }
    }
}

/// Neighbouring pixels overlap: those of the other rows come between them, so that what is read
/// has left the store buffer.
void spreadLinesSimd(const SpreadLines& s) {
    for (std::int64_t pixel = 0; pixel < s.pixels; ++pixel) {
        for (std::int64_t row = 0; row < s.rows; ++row) {
            const float* const from = s.sums + (row * s.pixels + pixel) * s.width;
            float* const to = s.lines + row * s.lineFloats + pixel * s.step;
            for (std::int64_t v = 0; v < s.width; v += kLanes) {
                hn::StoreU(hn::Add(hn::LoadU(d, to + v), hn::LoadU(d, from + v)), d, to + v);
            }
        }
    }
}

/// to = activation(old + line).
void finishLineSimd(const float* line, std::int64_t count, bool add, bool relu, float* to) {
    const Vector floor = hn::Set(d, relu ? 0.0F : -std::numeric_limits<float>::infinity());
    if (add) {
        map(line, to, to, count,
            [&](Vector sum, Vector old) HWY_ATTR { return atLeast(floor, hn::Add(old, sum)); });
    } else {
        map(line, to, count, [&](Vector sum) HWY_ATTR { return atLeast(floor, sum); });
    }
}

} // namespace nn::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nn {

HWY_EXPORT(spreadPaysSimd);
HWY_EXPORT(spreadSumsSimd);
HWY_EXPORT(spreadLinesSimd);
HWY_EXPORT(finishLineSimd);

namespace {

constexpr std::int64_t kTaskWork = std::int64_t{1} << 18;
constexpr std::int64_t kTasks = 64;
// The sums of some rows: a part of the first-level cache.
constexpr std::int64_t kSumFloats = 5 * 1024;
constexpr std::int64_t kMostColumns = 2 * panelColumns;

/// Sizes that follow from the geometry.
struct Spread {
    const ConvGeometry& g;
    std::int64_t columns = g.kernelWidth * g.inChannels;
    std::int64_t width = blockCount(columns, panelColumns) * panelColumns;
    std::int64_t kernelRowFloats = width * g.outChannels;
    /// Cells of a line before that of the first pixel's lowest tap.
    std::int64_t lead = std::max<std::int64_t>(0, -g.padLeft);
    std::int64_t cells =
        lead + std::max((g.outWidth - 1) * g.strideWidth + g.kernelWidth, g.padLeft + g.inWidth);
    std::int64_t lineFloats = cells * g.inChannels + width;
    /// Filter rows whose products are summed at once.
    std::int64_t mostRows = std::max<std::int64_t>(1, maxReductionSteps / g.outChannels);
    /// Rows of the result that are computed together.
    std::int64_t rows = std::clamp<std::int64_t>(kSumFloats / (g.outWidth * width), 1, 16);
};

/// A worker's private memory.
struct WorkerMemory {
    float* sums = nullptr;
    float* lines = nullptr;
};

WorkerMemory workerMemory(const Spread& s, Scratch& scratch) {
    return {.sums = scratch.floats(s.rows * s.g.outWidth * s.width),
            .lines = scratch.floats(s.rows * s.lineFloats)};
}

struct Memory {
    float* packed = nullptr; ///< [filter row][panel][filter][16]
    float* line = nullptr;   ///< What each line begins with: the bias.
    float* workers = nullptr;
    std::int64_t workerFloats = 0;
};

Memory takeMemory(const Spread& s, ConvThreads threads, Scratch& scratch) {
    Scratch worker;
    static_cast<void>(workerMemory(s, worker));
    Memory memory{.workerFloats = worker.needed()};
    memory.packed = scratch.floats(s.g.kernelHeight * s.kernelRowFloats);
    memory.line = scratch.floats(s.lineFloats);
    memory.workers = scratch.floats(memory.workerFloats * static_cast<int>(threads));
    return memory;
}

void pack(const Spread& s, const float* weights, float* to) {
    const std::int64_t filters = s.g.outChannels;
    for (std::int64_t row = 0; row < s.g.kernelHeight; ++row) {
        for (std::int64_t first = 0; first < s.width; first += panelColumns) {
            packPanelTransposed({.from = weights + (row * s.columns + first) * filters,
                                 .stride = filters,
                                 .rows = filters,
                                 .columns = std::min(panelColumns, s.columns - first)},
                                to);
            to += filters * panelColumns;
        }
    }
}

void fillLine(const Spread& s, const float* bias, float* line) {
    std::fill_n(line, s.lineFloats, 0.0F);
    for (std::int64_t cell = 0; bias != nullptr && cell < s.cells; ++cell) {
        line = std::copy_n(bias, s.g.inChannels, line);
    }
}

/// What the rows of an image's dy that reach row `row` of its result add to it.
void sumRow(const Spread& s, const float* dy, const float* packed, std::int64_t row, float* to) {
    const ConvGeometry& g = s.g;
    std::array<const float*, kMostKernelRows> from; // only the first ones are written and read
    std::array<const float*, kMostKernelRows> weights;
    std::size_t rows = 0;
    for (std::int64_t i = 0; i < g.kernelHeight; ++i) {
        const std::int64_t at = row + g.padTop - i * g.dilationHeight;
        const std::int64_t target = g.strideHeight == 1 ? at : at / g.strideHeight;
        if (at >= 0 && target * g.strideHeight == at && target < g.outHeight) {
            from[rows] = dy + target * g.outWidth * g.outChannels;
            weights[rows++] = packed + i * s.kernelRowFloats;
        }
    }
    const SpreadSums sums{.pixels = s.g.outWidth,
                          .filters = s.g.outChannels,
                          .columns = s.columns,
                          .width = s.width,
                          .to = to};
    const auto count = static_cast<std::int64_t>(rows);
    std::int64_t first = 0;
    do { // in parts of bounded reduction
        NN_SIMD(spreadSumsSimd)
        ({.count = std::min(s.mostRows, count - first),
          .dy = from.data() + first,
          .weights = weights.data() + first},
         sums, first > 0);
        first += s.mostRows;
    } while (first < count);
}

/// Rows [first, last) of the result of an image.
void runRows(const Spread& s, const WinogradPass& pass, const Memory& memory,
             const WorkerMemory& own, std::int64_t image, std::int64_t first, std::int64_t last) {
    const ConvGeometry& g = s.g;
    const float* const dy = pass.source + image * g.outputFloats();
    float* const dx = pass.target + image * g.inputFloats();
    const std::int64_t rowFloats = g.inWidth * g.inChannels;
    for (std::int64_t row = first; row < last; row += s.rows) {
        const std::int64_t count = std::min(s.rows, last - row);
        for (std::int64_t i = 0; i < count; ++i) {
            sumRow(s, dy, memory.packed, row + i, own.sums + i * g.outWidth * s.width);
            std::copy_n(memory.line, s.lineFloats, own.lines + i * s.lineFloats);
        }
        NN_SIMD(spreadLinesSimd)
        ({.sums = own.sums,
          .rows = count,
          .pixels = g.outWidth,
          .width = s.width,
          .lines = own.lines + s.lead * g.inChannels,
          .lineFloats = s.lineFloats,
          .step = g.strideWidth * g.inChannels});
        const std::int64_t begin = (s.lead + g.padLeft) * g.inChannels;
        for (std::int64_t i = 0; i < count; ++i) {
            NN_SIMD(finishLineSimd)
            (own.lines + i * s.lineFloats + begin, rowFloats, pass.add, pass.relu,
             dx + (row + i) * rowFloats);
        }
    }
}

} // namespace

bool spreadsRows(const WinogradPass& pass) {
    const ConvGeometry& g = pass.g;
    return pass.direction == ConvDirection::BackwardData && g.groups == 1 && g.dilationWidth == 1 &&
           g.kernelHeight <= kMostKernelRows && g.kernelWidth * g.inChannels <= kMostColumns &&
           g.outWidth > 0 && NN_SIMD(spreadPaysSimd)(g.kernelWidth, g.inChannels);
}

std::int64_t spreadScratchFloats(const WinogradPass& pass) {
    Scratch scratch;
    static_cast<void>(takeMemory({pass.g}, pass.threads, scratch));
    return scratch.needed();
}

void runSpread(Parallel& parallel, const WinogradPass& pass, std::span<float> scratch) {
    const ConvGeometry& g = pass.g;
    const Spread s{g};
    Scratch pieces(scratch);
    const Memory memory = takeMemory(s, pass.threads, pieces);
    pack(s, pass.weights, memory.packed);
    fillLine(s, pass.bias, memory.line);
    const std::int64_t wanted =
        std::clamp<std::int64_t>(pass.batch * g.multiplyAdds() / kTaskWork, 1, kTasks);
    const std::int64_t images = std::max<std::int64_t>(1, pass.batch / wanted);
    const std::int64_t bands = std::min(g.inHeight, blockCount(wanted, pass.batch));
    parallel.run(blockCount(pass.batch, images) * bands, [&](std::int64_t task, int worker) {
        Scratch piece({memory.workers + worker * memory.workerFloats,
                       static_cast<std::size_t>(memory.workerFloats)});
        const WorkerMemory own = workerMemory(s, piece);
        const std::int64_t band = task % bands;
        const std::int64_t begin = task / bands * images;
        for (std::int64_t i = begin; i < std::min(begin + images, pass.batch); ++i) {
            runRows(s, pass, memory, own, i, g.inHeight * band / bands,
                    g.inHeight * (band + 1) / bands);
        }
    });
}

} // namespace nn
#endif
