#include "nn/kernels/product.h"

#include "nn/kernels/simd_dispatch.h"

#include <algorithm>
#include <array>
#include <utility>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "nn/kernels/product.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "nn/kernels/tile-inl.h"

HWY_BEFORE_NAMESPACE();
namespace nn::HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;

// The widest tile in vectors, and how many rows of accumulators hide the latency of a multiply-add
// and fit the registers: 32 with AVX-512 and NEON, 16 otherwise. Wide tiles load least.
#if HWY_TARGET == HWY_AVX3
constexpr int kVectors = 4;
constexpr int kMostRows = 12;
template <int Vectors>
constexpr int tileRows = Vectors == 4 ? 6 : (Vectors == 1 ? 12 : 8);
#elif HWY_TARGET == HWY_NEON
constexpr int kVectors = 4;
constexpr int kMostRows = 6;
template <int Vectors>
constexpr int tileRows = 6;
#elif HWY_TARGET == HWY_SCALAR
constexpr int kVectors = 4;
constexpr int kMostRows = 2;
template <int Vectors>
constexpr int tileRows = 2;
#else
constexpr int kVectors = 2;
constexpr int kMostRows = 6;
template <int Vectors>
constexpr int tileRows = 6;
#endif

/// One tile: Rows × (Vectors · lanes) results from column `offset` on, `columns` of them stored.
template <class D, int Rows, int Vectors>
void multiplyTile(const Product& product, const float* const* a, float* const* c,
                  std::ptrdiff_t offset, int columns) {
    const D d;
    hn::Vec<D> sums[Rows][Vectors];
    const float* row[Rows];
    const float* b[Vectors];
    HWY_UNROLL(16)
    for (int v = 0; v < Vectors; ++v) {
        const std::ptrdiff_t column = offset + v * lanesOf<D>;
        b[v] = product.b + column / panelColumns * product.bPanel + column % panelColumns;
        sums[0][v] = product.bias == nullptr ? hn::Zero(d) : hn::LoadU(d, product.bias + column);
    }
    HWY_UNROLL(16)
    for (int r = 0; r < Rows; ++r) {
        row[r] = a[r];
        HWY_UNROLL(16)
        for (int v = 0; v < Vectors; ++v) {
            sums[r][v] = sums[0][v];
        }
    }
    const std::ptrdiff_t* const end = product.steps + product.stepCount;
    const std::ptrdiff_t bStep = product.bStep;
    std::ptrdiff_t at = 0;
    for (const std::ptrdiff_t* step = product.steps; step != end; ++step, at += bStep) {
        hn::Vec<D> right[Vectors];
        HWY_UNROLL(16)
        for (int v = 0; v < Vectors; ++v) {
            right[v] = hn::LoadU(d, b[v] + at);
        }
        HWY_UNROLL(16)
        for (int r = 0; r < Rows; ++r) {
            const auto left = hn::Set(d, row[r][*step]);
            HWY_UNROLL(16)
            for (int v = 0; v < Vectors; ++v) {
                sums[r][v] = hn::MulAdd(left, right[v], sums[r][v]);
            }
        }
    }
    storeTile<D, Rows, Vectors>({product.add, product.relu}, sums, c, offset, columns);
}

using TileFunction = void (*)(const Product&, const float* const*, float* const*, std::ptrdiff_t,
                              int);
/// Tiles of one width by number of rows.
struct Tiles {
    int rows = 0; ///< Of the highest.
    std::array<TileFunction, kMostRows + 1> functions{};
};

template <class D, int Vectors, int... Index>
constexpr Tiles tilesOf(std::integer_sequence<int, Index...>) {
    return {sizeof...(Index), {nullptr, &multiplyTile<D, Index + 1, Vectors>...}};
}

template <class D, int Vectors>
constexpr Tiles tiles = tilesOf<D, Vectors>(std::make_integer_sequence<int, tileRows<Vectors>>());

template <int... Index>
constexpr std::array<const Tiles*, kVectors> tilesByWidth(std::integer_sequence<int, Index...>) {
    return {&tiles<Tag, Index + 1>...};
}

const Tiles& tilesFor(int columns) {
    static constexpr auto byWidth = tilesByWidth(std::make_integer_sequence<int, kVectors>());
    return columns <= lanesOf<Narrow>
               ? tiles<Narrow, 1>
               : *byWidth[static_cast<std::size_t>((columns + kLanes - 1) / kLanes - 1)];
}

/// All rows for `columns` ≤ kVectors · kLanes columns from `offset` on, in tiles of equal height.
void multiplyColumns(const ProductRows& rows, const Product& product, std::ptrdiff_t offset,
                     int columns) {
    const Tiles& table = tilesFor(columns);
    const std::int64_t tileCount = (rows.count + table.rows - 1) / table.rows;
    for (std::int64_t tile = 0; tile < tileCount; ++tile) {
        const std::int64_t first = rows.count * tile / tileCount;
        const std::int64_t last = rows.count * (tile + 1) / tileCount;
        table.functions[static_cast<std::size_t>(last - first)](product, rows.a + first,
                                                                rows.c + first, offset, columns);
    }
}

} // namespace

void multiplySimd(const ProductRows& rows, const Product& product) {
    constexpr std::int64_t width = kVectors * kLanes;
    for (std::int64_t column = 0; column < product.columns; column += width) {
        multiplyColumns(rows, product, column,
                        static_cast<int>(std::min(width, product.columns - column)));
    }
}

} // namespace nn::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nn {

HWY_EXPORT(multiplySimd);

void multiply(const ProductRows& rows, const Product& product) {
    NN_SIMD(multiplySimd)(rows, product);
}

void multiplyLong(const ProductRows& rows, const Product& product) {
    const std::int64_t pieces =
        std::max<std::int64_t>(1, (product.stepCount + maxReductionSteps - 1) / maxReductionSteps);
    for (std::int64_t piece = 0; piece < pieces; ++piece) {
        const std::int64_t first = product.stepCount * piece / pieces;
        const std::int64_t last = product.stepCount * (piece + 1) / pieces;
        Product part = product;
        part.steps += first;
        part.stepCount = last - first;
        part.b += first * product.bStep;
        part.bias = piece == 0 ? product.bias : nullptr;
        part.add = product.add || piece > 0;
        part.relu = product.relu && piece + 1 == pieces;
        multiply(rows, part);
    }
}

} // namespace nn
#endif
