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

// Narrow tiles use shorter vectors, of which a processor may do two at a time.
#if HWY_TARGET == HWY_AVX3
using Narrow = hn::CappedTag<float, 8>;
#else
using Narrow = Tag;
#endif

template <class D>
constexpr int lanesOf = static_cast<int>(hn::MaxLanes(D()));

#if HWY_TARGET == HWY_AVX3
/// The end of a tile that is cut by the last column: with masks, from the registers.
template <class D, int Rows, int Vectors>
HWY_INLINE void storeCut(const Product& product, const hn::Vec<D> (&sums)[Rows][Vectors],
                         float* const* c, std::ptrdiff_t offset, int columns) {
    const D d;
    const auto floor = hn::Set(d, product.relu ? 0.0F : -std::numeric_limits<float>::infinity());
    const auto last = hn::FirstN(d, static_cast<std::size_t>(columns - (Vectors - 1) * lanesOf<D>));
    HWY_UNROLL(16)
    for (int r = 0; r < Rows; ++r) {
        float* const to = c[r] + offset;
        HWY_UNROLL(16)
        for (int v = 0; v < Vectors; ++v) {
            auto sum = sums[r][v];
            float* const at = to + v * lanesOf<D>;
            if (v + 1 < Vectors) {
                sum = product.add ? hn::Add(sum, hn::LoadU(d, at)) : sum;
                hn::StoreU(hn::Max(floor, sum), d, at);
            } else {
                sum = product.add ? hn::Add(sum, hn::MaskedLoad(last, d, at)) : sum;
                hn::BlendedStore(hn::Max(floor, sum), last, d, at);
            }
        }
    }
}
#else
template <class D, int Rows, int Vectors>
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

/// The end of a tile that is cut by the last column.
template <class D, int Rows, int Vectors>
HWY_INLINE void storeCut(const Product& product, const hn::Vec<D> (&sums)[Rows][Vectors],
                         float* const* c, std::ptrdiff_t offset, int columns) {
    alignas(64) float results[Rows * Vectors * kLanes];
    HWY_UNROLL(16)
    for (int r = 0; r < Rows; ++r) {
        HWY_UNROLL(16)
        for (int v = 0; v < Vectors; ++v) {
            hn::Store(sums[r][v], D(), results + (r * Vectors + v) * kLanes);
        }
    }
    storeEdge<D, Rows, Vectors>(product, results, c, offset, columns);
}
#endif

/// max(floor, value), where NaN stays NaN.
template <class D>
HWY_INLINE hn::Vec<D> raised(hn::Vec<D> floor, hn::Vec<D> value) {
#if HWY_TARGET == HWY_AVX3
    return hn::Max(floor, value); // the second one if either is NaN
#else
    return atLeast(floor, value);
#endif
}

/// The end of a tile: adds the old values, applies the activation and stores.
template <class D, int Rows, int Vectors>
HWY_INLINE void storeTile(const Product& product, const hn::Vec<D> (&sums)[Rows][Vectors],
                          float* const* c, std::ptrdiff_t offset, int columns) {
    const D d;
    const auto floor = hn::Set(d, product.relu ? 0.0F : -std::numeric_limits<float>::infinity());
    if (columns != Vectors * lanesOf<D>) {
        storeCut<D, Rows, Vectors>(product, sums, c, offset, columns);
    } else if (product.add) {
        HWY_UNROLL(16)
        for (int r = 0; r < Rows; ++r) {
            float* const to = c[r] + offset;
            HWY_UNROLL(16)
            for (int v = 0; v < Vectors; ++v) {
                const auto sum = hn::Add(sums[r][v], hn::LoadU(d, to + v * lanesOf<D>));
                hn::StoreU(raised<D>(floor, sum), d, to + v * lanesOf<D>);
            }
        }
    } else {
        HWY_UNROLL(16)
        for (int r = 0; r < Rows; ++r) {
            float* const to = c[r] + offset;
            HWY_UNROLL(16)
            for (int v = 0; v < Vectors; ++v) {
                hn::StoreU(raised<D>(floor, sums[r][v]), d, to + v * lanesOf<D>);
            }
        }
    }
}

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
    storeTile<D, Rows, Vectors>(product, sums, c, offset, columns);
}

using TileFunction = void (*)(const Product&, const float* const*, float* const*, std::ptrdiff_t,
                              int);
using TileTable = std::array<TileFunction, kRows + 1>;

template <class D, int Vectors, int... Index>
constexpr TileTable tileTable(std::integer_sequence<int, Index...>) {
    return {nullptr, &multiplyTile<D, Index + 1, Vectors>...};
}

/// Tiles by number of rows.
template <class D, int Vectors>
constexpr TileTable tiles = tileTable<D, Vectors>(std::make_integer_sequence<int, kRows>());

const TileTable& tilesFor(int columns) {
    if (columns <= lanesOf<Narrow>) {
        return tiles<Narrow, 1>;
    }
    return columns > kVectors / 2 * kLanes ? tiles<Tag, kVectors> : tiles<Tag, kVectors / 2>;
}

/// All rows for `columns` ≤ kVectors · kLanes columns from `offset` on, in tiles of equal height.
void multiplyColumns(const ProductRows& rows, const Product& product, std::ptrdiff_t offset,
                     int columns) {
    const TileTable& table = tilesFor(columns);
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
