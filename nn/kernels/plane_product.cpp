#include "nn/kernels/plane_product.h"

#include "nn/kernels/product.h"
#include "nn/kernels/simd_dispatch.h"

#include <algorithm>
#include <cassert>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "nn/kernels/plane_product.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "nn/kernels/partial-inl.h"

HWY_BEFORE_NAMESPACE();
namespace nn::HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;

constexpr Tag d;

// The widest tile in vectors, and the most accumulators: the others of 32 or 16 registers hold the
// right side and a value of the left one.
#if HWY_TARGET == HWY_AVX3 || HWY_TARGET == HWY_NEON
constexpr int kVectors = 4;
constexpr int kAccumulators = 24;
#elif HWY_TARGET == HWY_SCALAR
constexpr int kVectors = 4;
constexpr int kAccumulators = 8;
#else
constexpr int kVectors = 2;
constexpr int kAccumulators = 12;
#endif

/// One tile: Rows × (Vectors · lanes) results.
template <int Row, int Rows, int Vectors>
void multiplyTile(const PlaneProduct& p, const float* a, std::ptrdiff_t column, float* c) {
    Vector sums[Rows][Vectors];
    const float* b[Vectors];
    HWY_UNROLL(4)
    for (int v = 0; v < Vectors; ++v) {
        const std::ptrdiff_t at = column + v * kLanes;
        b[v] = p.b + at / panelColumns * p.bPanel + at % panelColumns;
    }
    HWY_UNROLL(24)
    for (int r = 0; r < Rows; ++r) {
        HWY_UNROLL(4)
        for (int v = 0; v < Vectors; ++v) {
            sums[r][v] = hn::Zero(d);
        }
    }
    std::ptrdiff_t at = 0;
    for (std::int64_t block = 0; block < p.blocks; ++block, a += p.aBlock) {
        const float* left = a;
        const std::ptrdiff_t end = at + p.steps * panelColumns;
        for (; at != end; at += panelColumns, left += p.aStep) {
            Vector right[Vectors];
            HWY_UNROLL(4)
            for (int v = 0; v < Vectors; ++v) {
                right[v] = hn::LoadU(d, b[v] + at);
            }
            HWY_UNROLL(24)
            for (int r = 0; r < Rows; ++r) {
                const Vector value = hn::Set(d, left[r * Row]);
                HWY_UNROLL(4)
                for (int v = 0; v < Vectors; ++v) {
                    sums[r][v] = hn::MulAdd(value, right[v], sums[r][v]);
                }
            }
        }
    }
    HWY_UNROLL(24)
    for (int r = 0; r < Rows; ++r, c += p.cRow) {
        HWY_UNROLL(4)
        for (int v = 0; v < Vectors; ++v) {
            float* const to = c + column + v * kLanes;
            hn::StoreU(p.add ? hn::Add(hn::LoadU(d, to), sums[r][v]) : sums[r][v], d, to);
        }
    }
}

/// The rows from `row` on, in tiles that are as high as fit the registers and the rows left.
template <int Row, int Rows, int Vectors>
void multiplyRows(const PlaneProduct& p, std::ptrdiff_t column, std::int64_t row) {
    for (; row + Rows <= p.rows; row += Rows) {
        multiplyTile<Row, Rows, Vectors>(p, p.a + row * Row, column, p.c + row * p.cRow);
    }
    if constexpr (Rows > 1) {
        constexpr int fewer = Rows > 16 ? 16 : (Rows > 8 ? 8 : (Rows > 4 ? 4 : Rows / 2));
        multiplyRows<Row, fewer, Vectors>(p, column, row);
    }
}

template <int Row, int Vectors>
void multiplyColumns(const PlaneProduct& p, std::ptrdiff_t column) {
    for (; p.columns - column >= Vectors * kLanes; column += Vectors * kLanes) {
        multiplyRows<Row, kAccumulators / Vectors, Vectors>(p, column, 0);
    }
    if constexpr (Vectors > 1) {
        multiplyColumns<Row, Vectors - 1>(p, column);
    }
}

} // namespace

void multiplyPlaneSimd(const PlaneProduct& p) {
    switch (p.aRow) {
    case 1:
        return multiplyColumns<1, kVectors>(p, 0);
    case 16:
        return multiplyColumns<16, kVectors>(p, 0);
    case 32:
        return multiplyColumns<32, kVectors>(p, 0);
    default:
        return multiplyColumns<64, kVectors>(p, 0);
    }
}

} // namespace nn::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nn {

HWY_EXPORT(multiplyPlaneSimd);

void multiplyPlane(const PlaneProduct& product) {
    assert(product.columns % panelColumns == 0);
    assert(product.aRow == 1 || product.aRow == planeChannels(product.aRow));
    NN_SIMD(multiplyPlaneSimd)(product);
}

} // namespace nn
#endif
