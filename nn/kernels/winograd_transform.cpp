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

/// Bᵀ · four values: to[0], to[step], to[2 step], to[3 step].
HWY_INLINE void input4(Vector a, Vector b, Vector c, Vector e, Vector* to, int step) {
    to[0] = hn::Sub(a, c);
    to[step] = hn::Add(b, c);
    to[2 * step] = hn::Sub(c, b);
    to[3 * step] = hn::Sub(b, e);
}

/// Bᵀ · one column of inputs of the channels from c on.
HWY_INLINE void inputColumn(const InputRow& row, std::int64_t column, std::int64_t c,
                            Vector (&to)[4]) {
    if (column < 0 || column >= row.columns) {
        to[0] = to[1] = to[2] = to[3] = hn::Zero(d);
        return;
    }
    Vector v[4];
    HWY_UNROLL(4)
    for (std::size_t i = 0; i < 4; ++i) {
        v[i] = hn::LoadU(d, row.lines[i] + column * row.pixels[i] + c);
    }
    input4(v[0], v[1], v[2], v[3], to, 1);
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

/// bias + Aᵀ m A of a tile, its channels from c on.
HWY_INLINE void output16(const OutputRow& row, std::int64_t tile, std::int64_t c, Vector (&y)[4]) {
    const Vector bias = row.bias == nullptr ? hn::Zero(d) : hn::LoadU(d, row.bias + c);
    const float* const planes = row.planes + tile * row.channels + c;
    Vector rows[8];
    HWY_UNROLL(4)
    for (int i = 0; i < 4; ++i) {
        const float* const from = planes + i * row.plane;
        const Vector m0 = hn::LoadU(d, from);
        const Vector m1 = hn::LoadU(d, from + 4 * row.plane);
        const Vector m2 = hn::LoadU(d, from + 8 * row.plane);
        const Vector m3 = hn::LoadU(d, from + 12 * row.plane);
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

/// All tiles of the channels from c on; two columns of a tile are the first two of the next.
HWY_INLINE void inputTiles(const InputRow& row, std::int64_t c, float* to) {
    Vector columns[4][4];
    std::int64_t column = row.firstColumn;
    inputColumn(row, column, c, columns[0]);
    inputColumn(row, column + 1, c, columns[1]);
    for (std::int64_t tile = 0; tile < row.tiles; ++tile, column += 2, to += row.width) {
        inputColumn(row, column + 2, c, columns[2]);
        inputColumn(row, column + 3, c, columns[3]);
        Vector v[16];
        HWY_UNROLL(4)
        for (int i = 0; i < 4; ++i) {
            input4(columns[0][i], columns[1][i], columns[2][i], columns[3][i], v + 4 * i, 1);
            columns[0][i] = columns[2][i];
            columns[1][i] = columns[3][i];
        }
        storePlanes(v, to, row.plane);
    }
}

HWY_INLINE Vector floorOf(bool relu) {
    return hn::Set(d, relu ? 0.0F : -std::numeric_limits<float>::infinity());
}

/// A value of a line; zero if there is no such line.
HWY_INLINE Vector gradientAt(const float* line, std::ptrdiff_t offset) {
    return line == nullptr ? hn::Zero(d) : hn::LoadU(d, line + offset);
}

} // namespace

void transformInputsSimd(const InputRow& row) {
    for (std::int64_t first = 0; first < row.channels; first += row.width) {
        float* const planes = row.planes + first / row.width * row.block;
        for (std::int64_t c = 0; c < row.width; c += kLanes) {
            inputTiles(row, first + c, planes + c);
        }
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

void transformOutputsSimd(const OutputRow& row) {
    const Vector floor = floorOf(row.relu);
    const TileOutputs<float>& to = row.outputs;
    const auto finish = [&](Vector y, float* at) HWY_ATTR {
        const Vector sum = row.add ? hn::Add(y, hn::LoadU(d, at)) : y;
        hn::StoreU(atLeast(floor, sum), d, at);
    };
    for (std::int64_t tile = 0; tile < row.tiles; ++tile) {
        const std::int64_t column = to.firstColumn + 2 * tile;
        const bool hasRight = column + 1 < to.columns;
        for (std::int64_t c = 0; c < row.channels; c += kLanes) {
            Vector y[4];
            output16(row, tile, c, y);
            const std::ptrdiff_t at = column * to.pixel + c;
            finish(y[0], to.upper + at);
            if (hasRight) {
                finish(y[1], to.upper + at + to.pixel);
            }
            if (to.lower != nullptr) {
                finish(y[2], to.lower + at);
                if (hasRight) {
                    finish(y[3], to.lower + at + to.pixel);
                }
            }
        }
    }
}

void transformPooledOutputsSimd(const OutputRow& row, const PooledTiles& pooled) {
    const hn::RebindToSigned<Tag> indices;
    const hn::Rebind<std::uint8_t, Tag> bytes;
    const Vector floor = floorOf(row.relu);
    for (std::int64_t tile = 0; tile < row.tiles; ++tile) {
        for (std::int64_t c = 0; c < row.channels; c += kLanes) {
            Vector y[4];
            output16(row, tile, c, y);
            auto at = hn::Zero(indices);
            HWY_UNROLL(3)
            for (int i = 1; i < 4; ++i) {
                const auto wins = hn::Or(hn::Gt(y[i], y[0]), hn::IsNaN(y[i]));
                y[0] = hn::IfThenElse(wins, y[i], y[0]);
                at = hn::IfThenElse(hn::RebindMask(indices, wins), hn::Set(indices, i), at);
            }
            const std::ptrdiff_t to = tile * pooled.step + c;
            hn::StoreU(atLeast(floor, y[0]), d, pooled.largest + to);
            if (pooled.positions != nullptr) {
                hn::StoreU(hn::DemoteTo(bytes, at), bytes, pooled.positions + to);
            }
        }
    }
}

void transformGradientsSimd(const GradientRow& row) {
    const TileOutputs<const float>& from = row.outputs;
    for (std::int64_t tile = 0; tile < row.tiles; ++tile) {
        const std::int64_t column = from.firstColumn + 2 * tile;
        const bool hasRight = column + 1 < from.columns;
        for (std::int64_t c = 0; c < row.channels; c += kLanes) {
            Vector rows[8];
            HWY_UNROLL(2)
            for (int i = 0; i < 2; ++i) {
                const std::ptrdiff_t at = (column + i) * from.pixel + c;
                const bool exists = i == 0 || hasRight;
                const Vector top = gradientAt(exists ? from.upper : nullptr, at);
                const Vector bottom = gradientAt(exists ? from.lower : nullptr, at);
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
            storePlanes(m,
                        row.planes + c / panelColumns * row.panel + tile * panelColumns +
                            c % panelColumns,
                        row.plane);
        }
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

HWY_EXPORT(transformInputsSimd);
HWY_EXPORT(transformFiltersSimd);
HWY_EXPORT(transformOutputsSimd);
HWY_EXPORT(transformPooledOutputsSimd);
HWY_EXPORT(transformGradientsSimd);
HWY_EXPORT(transformFilterGradientSimd);

void transformInputs(const InputRow& row) {
    NN_SIMD(transformInputsSimd)(row);
}

void transformFilters(const FilterPanel& panel) {
    NN_SIMD(transformFiltersSimd)(panel);
}

void transformOutputs(const OutputRow& row) {
    NN_SIMD(transformOutputsSimd)(row);
}

void transformPooledOutputs(const OutputRow& row, const PooledTiles& pooled) {
    NN_SIMD(transformPooledOutputsSimd)(row, pooled);
}

void transformGradients(const GradientRow& row) {
    NN_SIMD(transformGradientsSimd)(row);
}

void transformFilterGradient(const FilterGradient& gradient) {
    NN_SIMD(transformFilterGradientSimd)(gradient);
}

} // namespace nn
#endif
