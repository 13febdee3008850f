#include "nn/kernels/winograd_transform.h"

#include "nn/kernels/product.h"
#include "nn/kernels/simd_dispatch.h"

#include <limits>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "nn/kernels/winograd_transform.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "nn/kernels/partial-inl.h"

HWY_BEFORE_NAMESPACE();
namespace nn::HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;

constexpr Tag d;

/// Bᵀ · four values.
HWY_INLINE void input4(Vector& a, Vector& b, Vector& c, Vector& e) {
    const Vector first = hn::Sub(a, c);
    const Vector second = hn::Add(b, c);
    const Vector third = hn::Sub(c, b);
    e = hn::Sub(b, e);
    a = first;
    b = second;
    c = third;
}

/// G · three values: to[0], to[step], to[2 step], to[3 step].
HWY_INLINE void filter3(const Vector& a, const Vector& b, const Vector& c, Vector* to, int step) {
    const Vector half = hn::Set(d, 0.5F);
    const Vector outer = hn::Add(a, c);
    to[0] = a;
    to[step] = hn::Mul(half, hn::Add(outer, b));
    to[2 * step] = hn::Mul(half, hn::Sub(outer, b));
    to[3 * step] = c;
}

/// Gᵀ · four values.
HWY_INLINE void filterBack4(const Vector& a, const Vector& b, const Vector& c, const Vector& e,
                            Vector* to, int step) {
    const Vector half = hn::Set(d, 0.5F);
    const Vector sum = hn::Mul(half, hn::Add(b, c));
    to[0] = hn::Add(a, sum);
    to[step] = hn::Mul(half, hn::Sub(b, c));
    to[2 * step] = hn::Add(sum, e);
}

/// bias + Aᵀ m A of the channels from c on.
HWY_INLINE void output16(const OutputTile& tile, std::int64_t c, Vector (&y)[4]) {
    const Vector bias = tile.bias == nullptr ? hn::Zero(d) : hn::LoadU(d, tile.bias + c);
    Vector rows[8];
    HWY_UNROLL(4)
    for (int i = 0; i < 4; ++i) {
        const float* const from = tile.planes + i * tile.plane + c;
        const Vector m0 = hn::LoadU(d, from);
        const Vector m1 = hn::LoadU(d, from + 4 * tile.plane);
        const Vector m2 = hn::LoadU(d, from + 8 * tile.plane);
        const Vector m3 = hn::LoadU(d, from + 12 * tile.plane);
        rows[i] = hn::Add(m0, hn::Add(m1, m2));
        rows[4 + i] = hn::Sub(hn::Sub(m1, m2), m3);
    }
    HWY_UNROLL(2)
    for (int i = 0; i < 2; ++i) {
        const Vector* const m = rows + 4 * i;
        y[2 * i] = hn::Add(bias, hn::Add(m[0], hn::Add(m[1], m[2])));
        y[2 * i + 1] = hn::Add(bias, hn::Sub(hn::Sub(m[1], m[2]), m[3]));
    }
}

HWY_INLINE void storePlanes(const Vector (&values)[16], float* to, std::int64_t plane) {
    HWY_UNROLL(16)
    for (int t = 0; t < 16; ++t) {
        hn::StoreU(values[t], d, to + t * plane);
    }
}

} // namespace

void transformInputSimd(const InputTile& tile) {
    for (std::int64_t c = 0; c < tile.channels; c += kLanes) {
        Vector v[16];
        HWY_UNROLL(16)
        for (int i = 0; i < 16; ++i) {
            v[i] = hn::LoadU(d, tile.cells[i] + c);
        }
        HWY_UNROLL(4)
        for (int i = 0; i < 4; ++i) {
            input4(v[i], v[4 + i], v[8 + i], v[12 + i]);
        }
        HWY_UNROLL(4)
        for (int i = 0; i < 4; ++i) {
            input4(v[4 * i], v[4 * i + 1], v[4 * i + 2], v[4 * i + 3]);
        }
        storePlanes(v, tile.planes + c, tile.plane);
    }
}

void transformFiltersSimd(const FilterPanel& panel) {
    const std::int64_t values = panel.channels * panelColumns;
    for (std::int64_t at = 0; at < values; at += kLanes) {
        Vector g[9];
        Vector rows[12];
        Vector u[16];
        HWY_UNROLL(9)
        for (int i = 0; i < 9; ++i) {
            g[i] = hn::LoadU(d, panel.taps + (panel.reversed ? 8 - i : i) * values + at);
        }
        HWY_UNROLL(3)
        for (int i = 0; i < 3; ++i) {
            filter3(g[i], g[3 + i], g[6 + i], rows + i, 3);
        }
        HWY_UNROLL(4)
        for (int i = 0; i < 4; ++i) {
            filter3(rows[3 * i], rows[3 * i + 1], rows[3 * i + 2], u + 4 * i, 1);
        }
        storePlanes(u, panel.planes + at, panel.plane);
    }
}

void transformOutputSimd(const OutputTile& tile) {
    const Vector floor = hn::Set(d, tile.relu ? 0.0F : -std::numeric_limits<float>::infinity());
    for (std::int64_t c = 0; c < tile.channels; c += kLanes) {
        Vector y[4];
        output16(tile, c, y);
        HWY_UNROLL(4)
        for (int i = 0; i < 4; ++i) {
            float* const to = tile.cells[i] + c;
            const Vector sum = tile.add ? hn::Add(y[i], hn::LoadU(d, to)) : y[i];
            hn::StoreU(atLeast(floor, sum), d, to);
        }
    }
}

void transformPooledOutputSimd(const OutputTile& tile, float* largest, std::uint8_t* positions) {
    const hn::RebindToSigned<Tag> indices;
    const hn::Rebind<std::uint8_t, Tag> bytes;
    const Vector floor = hn::Set(d, tile.relu ? 0.0F : -std::numeric_limits<float>::infinity());
    for (std::int64_t c = 0; c < tile.channels; c += kLanes) {
        Vector y[4];
        output16(tile, c, y);
        auto at = hn::Zero(indices);
        HWY_UNROLL(3)
        for (int i = 1; i < 4; ++i) {
            const auto wins = hn::Or(hn::Gt(y[i], y[0]), hn::IsNaN(y[i]));
            y[0] = hn::IfThenElse(wins, y[i], y[0]);
            at = hn::IfThenElse(hn::RebindMask(indices, wins), hn::Set(indices, i), at);
        }
        hn::StoreU(atLeast(floor, y[0]), d, largest + c);
        if (positions != nullptr) {
            hn::StoreU(hn::DemoteTo(bytes, at), bytes, positions + c);
        }
    }
}

void transformGradientSimd(const GradientTile& tile) {
    for (std::int64_t c = 0; c < tile.channels; c += kLanes) {
        Vector rows[8];
        HWY_UNROLL(2)
        for (int i = 0; i < 2; ++i) {
            const Vector top = hn::LoadU(d, tile.cells[i] + c);
            const Vector bottom = hn::LoadU(d, tile.cells[2 + i] + c);
            rows[i] = top;
            rows[2 + i] = hn::Add(top, bottom);
            rows[4 + i] = hn::Sub(top, bottom);
            rows[6 + i] = hn::Neg(bottom);
        }
        Vector m[16];
        HWY_UNROLL(4)
        for (int i = 0; i < 4; ++i) {
            m[4 * i] = rows[2 * i];
            m[4 * i + 1] = hn::Add(rows[2 * i], rows[2 * i + 1]);
            m[4 * i + 2] = hn::Sub(rows[2 * i], rows[2 * i + 1]);
            m[4 * i + 3] = hn::Neg(rows[2 * i + 1]);
        }
        storePlanes(m, tile.planes + c / panelColumns * tile.panel + c % panelColumns, tile.plane);
    }
}

void transformFilterGradientSimd(const FilterGradient& gradient) {
    for (std::int64_t at = 0; at < gradient.count; at += kLanes) {
        Vector u[16];
        Vector rows[12];
        HWY_UNROLL(16)
        for (int t = 0; t < 16; ++t) {
            const float* const from = gradient.planes + t * gradient.plane + at;
            u[t] = hn::LoadU(d, from);
            for (std::int64_t i = 1; i < gradient.partials; ++i) {
                u[t] = hn::Add(u[t], hn::LoadU(d, from + i * gradient.partial));
            }
        }
        HWY_UNROLL(4)
        for (int i = 0; i < 4; ++i) {
            filterBack4(u[i], u[4 + i], u[8 + i], u[12 + i], rows + i, 4);
        }
        HWY_UNROLL(3)
        for (int i = 0; i < 3; ++i) {
            Vector g[3];
            filterBack4(rows[4 * i], rows[4 * i + 1], rows[4 * i + 2], rows[4 * i + 3], g, 1);
            HWY_UNROLL(3)
            for (int j = 0; j < 3; ++j) {
                float* const to = gradient.dw + (3 * i + j) * gradient.tap + at;
                hn::StoreU(gradient.add ? hn::Add(g[j], hn::LoadU(d, to)) : g[j], d, to);
            }
        }
    }
}

} // namespace nn::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nn {

HWY_EXPORT(transformInputSimd);
HWY_EXPORT(transformFiltersSimd);
HWY_EXPORT(transformOutputSimd);
HWY_EXPORT(transformPooledOutputSimd);
HWY_EXPORT(transformGradientSimd);
HWY_EXPORT(transformFilterGradientSimd);

void transformInput(const InputTile& tile) {
    NN_SIMD(transformInputSimd)(tile);
}

void transformFilters(const FilterPanel& panel) {
    NN_SIMD(transformFiltersSimd)(panel);
}

void transformOutput(const OutputTile& tile) {
    NN_SIMD(transformOutputSimd)(tile);
}

void transformPooledOutput(const OutputTile& tile, float* largest, std::uint8_t* positions) {
    NN_SIMD(transformPooledOutputSimd)(tile, largest, positions);
}

void transformGradient(const GradientTile& tile) {
    NN_SIMD(transformGradientSimd)(tile);
}

void transformFilterGradient(const FilterGradient& gradient) {
    NN_SIMD(transformFilterGradientSimd)(gradient);
}

} // namespace nn
#endif
