#include "nn/kernels/product.h"

#include "nn/kernels/simd_dispatch.h"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "nn/kernels/product.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "nn/kernels/partial-inl.h"

HWY_BEFORE_NAMESPACE();
namespace nn::HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;

// Rows × vectors of accumulators: enough of them to hide the latency of a multiply-add, few enough
// for the registers, 32 with AVX-512 and NEON, 16 otherwise.
#if HWY_TARGET == HWY_AVX3
constexpr int kRows = 8; // more rows would need more addresses than there are registers
constexpr int kVectors = 2;
#elif HWY_TARGET == HWY_NEON
constexpr int kRows = 6;
constexpr int kVectors = 4;
#elif HWY_TARGET == HWY_SCALAR
constexpr int kRows = 2;
constexpr int kVectors = 4;
#else
constexpr int kRows = 6;
constexpr int kVectors = 2;
#endif

/// The end of a tile that is cut by the last column.
template <int Rows, int Vectors>
HWY_NOINLINE void storeEdge(const Product& product, const float* results, float* const* c,
                            std::ptrdiff_t offset, int columns) {
    const Tag d;
    const Vector floor = hn::Set(d, product.relu ? 0.0F : -std::numeric_limits<float>::infinity());
    for (int r = 0; r < Rows; ++r) {
        for (int v = 0; v * kLanes < columns; ++v) {
            const int count = std::min(columns - v * kLanes, kLanes);
            float* const to = c[r] + offset + v * kLanes;
            Vector sum = hn::Load(d, results + (r * Vectors + v) * kLanes);
            if (product.add) {
                sum = hn::Add(sum, loadFirst(count, to));
            }
            storeFirst(atLeast(floor, sum), count, to);
        }
    }
}

/// The end of a tile: adds the old values, applies the activation and stores.
template <int Rows, int Vectors>
HWY_INLINE void storeTile(const Product& product, const Vector (&sums)[Rows][Vectors],
                          float* const* c, std::ptrdiff_t offset, int columns) {
    const Tag d;
    const Vector floor = hn::Set(d, product.relu ? 0.0F : -std::numeric_limits<float>::infinity());
    if (columns != Vectors * kLanes) {
        alignas(64) float results[Rows * Vectors * kLanes];
        HWY_UNROLL(16)
        for (int r = 0; r < Rows; ++r) {
            HWY_UNROLL(16)
            for (int v = 0; v < Vectors; ++v) {
                hn::Store(sums[r][v], d, results + (r * Vectors + v) * kLanes);
            }
        }
        storeEdge<Rows, Vectors>(product, results, c, offset, columns);
    } else if (product.add) {
        HWY_UNROLL(16)
        for (int r = 0; r < Rows; ++r) {
            float* const to = c[r] + offset;
            HWY_UNROLL(16)
            for (int v = 0; v < Vectors; ++v) {
                const Vector sum = hn::Add(sums[r][v], hn::LoadU(d, to + v * kLanes));
                hn::StoreU(atLeast(floor, sum), d, to + v * kLanes);
            }
        }
    } else {
        HWY_UNROLL(16)
        for (int r = 0; r < Rows; ++r) {
            float* const to = c[r] + offset;
            HWY_UNROLL(16)
            for (int v = 0; v < Vectors; ++v) {
                hn::StoreU(atLeast(floor, sums[r][v]), d, to + v * kLanes);
            }
        }
    }
}

/// One tile: Rows × (Vectors · kLanes) results from column `offset` on, `columns` of them stored.
template <int Rows, int Vectors>
void multiplyTile(const Product& product, const float* const* a, float* const* c,
                  std::ptrdiff_t offset, int columns) {
    const Tag d;
    Vector sums[Rows][Vectors];
    const float* row[Rows];
    const float* b[Vectors];
    HWY_UNROLL(16)
    for (int v = 0; v < Vectors; ++v) {
        const std::ptrdiff_t column = offset + v * kLanes;
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
        Vector right[Vectors];
        HWY_UNROLL(16)
        for (int v = 0; v < Vectors; ++v) {
            right[v] = hn::LoadU(d, b[v] + at);
        }
        HWY_UNROLL(16)
        for (int r = 0; r < Rows; ++r) {
            const Vector left = hn::Set(d, row[r][*step]);
            HWY_UNROLL(16)
            for (int v = 0; v < Vectors; ++v) {
                sums[r][v] = hn::MulAdd(left, right[v], sums[r][v]);
            }
        }
    }
    storeTile(product, sums, c, offset, columns);
}

using TileFunction = void (*)(const Product&, const float* const*, float* const*, std::ptrdiff_t,
                              int);

template <int Vectors, int... Index>
constexpr std::array<TileFunction, sizeof...(Index) + 1>
tileTable(std::integer_sequence<int, Index...>) {
    return {nullptr, &multiplyTile<Index + 1, Vectors>...};
}

/// Tiles by number of rows.
template <int Vectors>
constexpr auto tiles = tileTable<Vectors>(std::make_integer_sequence<int, kRows>());

/// All rows for `columns` ≤ kVectors · kLanes columns from `offset` on, in tiles of equal height.
void multiplyColumns(const ProductRows& rows, const Product& product, std::ptrdiff_t offset,
                     int columns) {
    const auto& table = columns > kVectors / 2 * kLanes ? tiles<kVectors> : tiles<kVectors / 2>;
    const std::int64_t tileCount = (rows.count + kRows - 1) / kRows;
    for (std::int64_t tile = 0; tile < tileCount; ++tile) {
        const std::int64_t first = rows.count * tile / tileCount;
        const std::int64_t last = rows.count * (tile + 1) / tileCount;
        table[static_cast<std::size_t>(last - first)](product, rows.a + first, rows.c + first,
                                                      offset, columns);
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
