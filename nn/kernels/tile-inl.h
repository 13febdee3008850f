// Tiles of a product in registers: how many rows fit, and how they are stored. Included once per
// instruction set.
#if defined(NN_KERNELS_TILE_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef NN_KERNELS_TILE_INL_H_
#undef NN_KERNELS_TILE_INL_H_
#else
#define NN_KERNELS_TILE_INL_H_
#endif

#include <algorithm>
#include <cstddef>
#include <limits>

#include <hwy/highway.h>

#include "nn/kernels/partial-inl.h"

HWY_BEFORE_NAMESPACE();
namespace nn::HWY_NAMESPACE {

// Narrow tiles use shorter vectors, of which a processor may do two at a time.
#if HWY_TARGET == HWY_AVX3
using Narrow = hwy::HWY_NAMESPACE::CappedTag<float, 8>;
#else
using Narrow = Tag;
#endif

template <class D>
constexpr int lanesOf = static_cast<int>(hwy::HWY_NAMESPACE::MaxLanes(D()));

/// What happens to a tile before it is stored.
struct TileEnd {
    bool add = false; ///< Add what was there before.
    bool relu = false;
};

/// max(floor, value), where NaN stays NaN.
template <class D>
HWY_INLINE hwy::HWY_NAMESPACE::Vec<D> raised(hwy::HWY_NAMESPACE::Vec<D> floor,
                                             hwy::HWY_NAMESPACE::Vec<D> value) {
#if HWY_TARGET == HWY_AVX3
    return hwy::HWY_NAMESPACE::Max(floor, value); // the second one if either is NaN
#else
    return atLeast(floor, value);
#endif
}

template <class D>
HWY_INLINE hwy::HWY_NAMESPACE::Vec<D> floorOf(TileEnd end) {
    return hwy::HWY_NAMESPACE::Set(D(), end.relu ? 0.0F : -std::numeric_limits<float>::infinity());
}

#if HWY_TARGET == HWY_AVX3
/// A tile that is cut by the last column: with masks, from the registers.
template <class D, int Rows, int Vectors>
HWY_INLINE void storeCut(TileEnd end, const hwy::HWY_NAMESPACE::Vec<D> (&sums)[Rows][Vectors],
                         float* const* c, std::ptrdiff_t offset, int columns) {
    namespace hn = hwy::HWY_NAMESPACE;
    const D d;
    const auto floor = floorOf<D>(end);
    const auto last = hn::FirstN(d, static_cast<std::size_t>(columns - (Vectors - 1) * lanesOf<D>));
    HWY_UNROLL(32)
    for (int r = 0; r < Rows; ++r) {
        float* const to = c[r] + offset;
        HWY_UNROLL(32)
        for (int v = 0; v < Vectors; ++v) {
            auto sum = sums[r][v];
            float* const at = to + v * lanesOf<D>;
            if (v + 1 < Vectors) {
                sum = end.add ? hn::Add(sum, hn::LoadU(d, at)) : sum;
                hn::StoreU(raised<D>(floor, sum), d, at);
            } else {
                sum = end.add ? hn::Add(sum, hn::MaskedLoad(last, d, at)) : sum;
                hn::BlendedStore(raised<D>(floor, sum), last, d, at);
            }
        }
    }
}
#else
template <class D, int Rows, int Vectors>
HWY_NOINLINE void storeEdge(TileEnd end, const float* results, float* const* c,
                            std::ptrdiff_t offset, int columns) {
    namespace hn = hwy::HWY_NAMESPACE;
    const Tag d;
    const Vector floor = floorOf<Tag>(end);
    for (int r = 0; r < Rows; ++r) {
        for (int v = 0; v * kLanes < columns; ++v) {
            const int count = std::min(columns - v * kLanes, kLanes);
            float* const to = c[r] + offset + v * kLanes;
            Vector sum = hn::Load(d, results + (r * Vectors + v) * kLanes);
            if (end.add) {
                sum = hn::Add(sum, loadFirst(count, to));
            }
            storeFirst(atLeast(floor, sum), count, to);
        }
    }
}

/// A tile that is cut by the last column.
template <class D, int Rows, int Vectors>
HWY_INLINE void storeCut(TileEnd end, const hwy::HWY_NAMESPACE::Vec<D> (&sums)[Rows][Vectors],
                         float* const* c, std::ptrdiff_t offset, int columns) {
    alignas(64) float results[Rows * Vectors * kLanes];
    HWY_UNROLL(32)
    for (int r = 0; r < Rows; ++r) {
        HWY_UNROLL(32)
        for (int v = 0; v < Vectors; ++v) {
            hwy::HWY_NAMESPACE::Store(sums[r][v], D(), results + (r * Vectors + v) * kLanes);
        }
    }
    storeEdge<D, Rows, Vectors>(end, results, c, offset, columns);
}
#endif

/// c[r][offset + n] = activation(old + sums[r][n]) for `columns` columns n.
template <class D, int Rows, int Vectors>
HWY_INLINE void storeTile(TileEnd end, const hwy::HWY_NAMESPACE::Vec<D> (&sums)[Rows][Vectors],
                          float* const* c, std::ptrdiff_t offset, int columns) {
    namespace hn = hwy::HWY_NAMESPACE;
    const D d;
    const auto floor = floorOf<D>(end);
    if (columns != Vectors * lanesOf<D>) {
        storeCut<D, Rows, Vectors>(end, sums, c, offset, columns);
    } else if (end.add) {
        HWY_UNROLL(32)
        for (int r = 0; r < Rows; ++r) {
            float* const to = c[r] + offset;
            HWY_UNROLL(32)
            for (int v = 0; v < Vectors; ++v) {
                const auto sum = hn::Add(sums[r][v], hn::LoadU(d, to + v * lanesOf<D>));
                hn::StoreU(raised<D>(floor, sum), d, to + v * lanesOf<D>);
            }
        }
    } else {
        HWY_UNROLL(32)
        for (int r = 0; r < Rows; ++r) {
            float* const to = c[r] + offset;
            HWY_UNROLL(32)
            for (int v = 0; v < Vectors; ++v) {
                hn::StoreU(raised<D>(floor, sums[r][v]), d, to + v * lanesOf<D>);
            }
        }
    }
}

} // namespace nn::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
