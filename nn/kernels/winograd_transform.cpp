#include "nn/kernels/winograd_transform.h"

#include "nn/kernels/product.h"
#include "nn/kernels/simd_dispatch.h"

#include <limits>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "nn/kernels/winograd_transform.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "nn/kernels/winograd_lines-inl.h"

HWY_BEFORE_NAMESPACE();
namespace nn::HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;
using namespace winograd;

constexpr Tag d;

/// The value of a line, of which there may be none; then zero.
HWY_INLINE Vector valueAt(const float* line, std::ptrdiff_t offset) {
    return line == nullptr ? hn::Zero(d) : hn::LoadU(d, line + offset);
}

/// Bᵀ · one column of inputs of the channels from c on.
template <int Size>
HWY_INLINE void inputColumn(const InputRow& row, std::int64_t column, std::int64_t c, Vector* to) {
    constexpr int kCells = Size + 2;
    if (column < 0 || column >= row.columns) {
        HWY_UNROLL(6)
        for (int i = 0; i < kCells; ++i) {
            to[i] = hn::Zero(d);
        }
        return;
    }
    const std::ptrdiff_t offset = column * row.pixel + c;
    Vector values[kCells];
    HWY_UNROLL(6)
    for (int i = 0; i < kCells; ++i) {
        const float* const line = row.lines[static_cast<std::size_t>(i)];
        values[i] = valueAt(line, offset);
        if (i >= 2 && line != nullptr) {
            __builtin_prefetch(line + offset + row.ahead);
        }
    }
    inputLine<Size>(values, to, 1);
}

/// The same into column `at` of `cells`, [line][column].
template <int Size, int Cells = Size + 2>
HWY_INLINE void takeColumn(const InputRow& row, std::int64_t column, std::int64_t c, int at,
                           Vector (&cells)[Cells][Cells]) {
    Vector values[Cells];
    inputColumn<Size>(row, column, c, values);
    HWY_UNROLL(6)
    for (int i = 0; i < Cells; ++i) {
        cells[i][at] = values[i];
    }
}

/// All tiles of the channels from c on; two columns of a tile are the first two of the next.
template <int Size>
HWY_INLINE void inputTiles(const InputRow& row, std::int64_t c, float* to) {
    constexpr int kCells = Size + 2;
    Vector cells[kCells][kCells];
    std::int64_t column = row.firstColumn;
    takeColumn<Size>(row, column, c, 0, cells);
    takeColumn<Size>(row, column + 1, c, 1, cells);
    for (std::int64_t tile = 0; tile < row.tiles; ++tile, column += Size, to += row.width) {
        HWY_UNROLL(4)
        for (int i = 2; i < kCells; ++i) {
            takeColumn<Size>(row, column + i, c, i, cells);
        }
        HWY_UNROLL(6)
        for (int i = 0; i < kCells; ++i) {
            Vector values[kCells];
            inputLine<Size>(cells[i], values, 1);
            float* const planes = to + i * kCells * row.plane;
            HWY_UNROLL(6)
            for (int j = 0; j < kCells; ++j) {
                hn::StoreU(values[j], d, planes + j * row.plane);
            }
            cells[i][0] = cells[i][Size];
            cells[i][1] = cells[i][Size + 1];
        }
    }
}

template <int Size>
HWY_INLINE void inputBlocks(const InputRow& row) {
    for (std::int64_t first = 0; first < row.channels; first += row.width) {
        float* const planes = row.planes + first / row.width * row.block;
        for (std::int64_t c = 0; c < row.width; c += kLanes) {
            inputTiles<Size>(row, first + c, planes + c);
        }
    }
}

template <int Size>
HWY_INLINE void filterPlanes(const FilterPanel& panel) {
    constexpr int kCells = Size + 2;
    const std::int64_t values = panel.channels * panelColumns;
    for (std::int64_t at = 0; at < values; at += kLanes) {
        Vector columns[kCells * 3];
        HWY_UNROLL(3)
        for (int column = 0; column < 3; ++column) {
            Vector taps[3];
            HWY_UNROLL(3)
            for (int i = 0; i < 3; ++i) {
                const int tap = 3 * i + column;
                taps[i] = hn::LoadU(d, panel.taps + (panel.reversed ? 8 - tap : tap) * values + at);
            }
            filterLine<Size>(taps, columns + column, 3);
        }
        HWY_UNROLL(6)
        for (int i = 0; i < kCells; ++i) {
            Vector line[kCells];
            filterLine<Size>(columns + 3 * i, line, 1);
            HWY_UNROLL(6)
            for (int j = 0; j < kCells; ++j) {
                hn::StoreU(line[j], d, panel.planes + (i * kCells + j) * panel.plane + at);
            }
        }
    }
}

/// bias + Aᵀ m A of a tile, its channels from c on, line by line.
template <int Size>
HWY_INLINE void outputTile(const OutputRow& row, std::int64_t tile, std::int64_t c,
                           Vector (&y)[Size][Size]) {
    constexpr int kCells = Size + 2;
    const Vector bias = row.bias == nullptr ? hn::Zero(d) : hn::LoadU(d, row.bias + c);
    const float* const planes = row.planes + tile * row.channels + c;
    Vector columns[Size * kCells];
    HWY_UNROLL(6)
    for (int j = 0; j < kCells; ++j) {
        Vector products[kCells];
        HWY_UNROLL(6)
        for (int i = 0; i < kCells; ++i) {
            products[i] = hn::LoadU(d, planes + (i * kCells + j) * row.plane);
        }
        outputLine<Size>(products, columns + j, kCells);
    }
    HWY_UNROLL(4)
    for (int i = 0; i < Size; ++i) {
        outputLine<Size>(columns + i * kCells, y[i], 1);
        HWY_UNROLL(4)
        for (int j = 0; j < Size; ++j) {
            y[i][j] = hn::Add(bias, y[i][j]);
        }
    }
}

HWY_INLINE Vector floorOf(bool relu) {
    return hn::Set(d, relu ? 0.0F : -std::numeric_limits<float>::infinity());
}

/// The value where the activation behind a ReLU is positive, else zero.
HWY_INLINE Vector passedBy(const float* activation, Vector value) {
    return hn::IfThenElseZero(hn::Gt(hn::LoadU(d, activation), hn::Zero(d)), value);
}

template <int Size>
HWY_INLINE void outputTiles(const OutputRow& row) {
    const Vector floor = floorOf(row.relu);
    const TileOutputs<float>& to = row.outputs;
    for (std::int64_t tile = 0; tile < row.tiles; ++tile) {
        const std::int64_t column = to.firstColumn + Size * tile;
        for (std::int64_t c = 0; c < row.channels; c += kLanes) {
            Vector y[Size][Size];
            outputTile<Size>(row, tile, c, y);
            HWY_UNROLL(4)
            for (int i = 0; i < Size; ++i) {
                float* const line = to.lines[static_cast<std::size_t>(i)];
                const float* const passed = row.passed.lines[static_cast<std::size_t>(i)];
                HWY_UNROLL(4)
                for (int j = 0; j < Size; ++j) {
                    if (line != nullptr && column + j < to.columns) {
                        const std::ptrdiff_t at = (column + j) * to.pixel + c;
                        const Vector sum =
                            row.add ? hn::Add(y[i][j], hn::LoadU(d, line + at)) : y[i][j];
                        const Vector value = atLeast(floor, sum);
                        hn::StoreU(passed == nullptr ? value : passedBy(passed + at, value), d,
                                   line + at);
                    }
                }
            }
        }
    }
}

/// The largest of y[i … i + 1][j … j + 1] and which one it is.
struct Largest {
    Vector value;
    hn::Vec<hn::RebindToSigned<Tag>> position;
};

template <int Size>
HWY_INLINE Largest largestOf(const Vector (&y)[Size][Size], int i, int j) {
    const hn::RebindToSigned<Tag> indices;
    Largest largest{y[i][j], hn::Zero(indices)};
    HWY_UNROLL(3)
    for (int cell = 1; cell < 4; ++cell) {
        const Vector value = y[i + cell / 2][j + cell % 2];
        const auto wins = hn::Or(hn::Gt(value, largest.value), hn::IsNaN(value));
        largest.value = hn::IfThenElse(wins, value, largest.value);
        largest.position =
            hn::IfThenElse(hn::RebindMask(indices, wins), hn::Set(indices, cell), largest.position);
    }
    return largest;
}

template <int Size>
HWY_INLINE void pooledTiles(const OutputRow& row, const PooledTiles& pooled) {
    const hn::Rebind<std::uint8_t, Tag> bytes;
    const Vector floor = floorOf(row.relu);
    const TileOutputs<float>& to = pooled.largest;
    for (std::int64_t tile = 0; tile < row.tiles; ++tile) {
        const std::int64_t column = to.firstColumn + Size / 2 * tile;
        for (std::int64_t c = 0; c < row.channels; c += kLanes) {
            Vector y[Size][Size];
            outputTile<Size>(row, tile, c, y);
            HWY_UNROLL(2)
            for (int i = 0; i < Size / 2; ++i) {
                const auto line = static_cast<std::size_t>(i);
                HWY_UNROLL(2)
                for (int j = 0; j < Size / 2; ++j) {
                    if (to.lines[line] == nullptr || column + j >= to.columns) {
                        continue;
                    }
                    const std::ptrdiff_t at = (column + j) * to.pixel + c;
                    const Largest largest = largestOf<Size>(y, 2 * i, 2 * j);
                    hn::StoreU(atLeast(floor, largest.value), d, to.lines[line] + at);
                    if (pooled.positions.lines[line] != nullptr) {
                        hn::StoreU(hn::DemoteTo(bytes, largest.position), bytes,
                                   pooled.positions.lines[line] + at);
                    }
                }
            }
        }
    }
}

template <int Size>
HWY_INLINE void gradientTiles(const GradientRow& row) {
    constexpr int kCells = Size + 2;
    const TileOutputs<const float>& from = row.outputs;
    for (std::int64_t tile = 0; tile < row.tiles; ++tile) {
        const std::int64_t column = from.firstColumn + Size * tile;
        for (std::int64_t c = 0; c < row.channels; c += kLanes) {
            Vector columns[kCells * Size];
            HWY_UNROLL(4)
            for (int j = 0; j < Size; ++j) {
                const bool exists = column + j < from.columns;
                Vector values[Size];
                HWY_UNROLL(4)
                for (int i = 0; i < Size; ++i) {
                    values[i] = valueAt(exists ? from.lines[static_cast<std::size_t>(i)] : nullptr,
                                        (column + j) * from.pixel + c);
                }
                gradientLine<Size>(values, columns + j, Size);
            }
            float* const to =
                row.planes + c / panelColumns * row.panel + tile * panelColumns + c % panelColumns;
            HWY_UNROLL(6)
            for (int i = 0; i < kCells; ++i) {
                Vector line[kCells];
                gradientLine<Size>(columns + i * Size, line, 1);
                HWY_UNROLL(6)
                for (int j = 0; j < kCells; ++j) {
                    hn::StoreU(line[j], d, to + (i * kCells + j) * row.plane);
                }
            }
        }
    }
}

template <int Size>
HWY_INLINE void filterGradient(const FilterGradient& gradient) {
    constexpr int kCells = Size + 2;
    for (std::int64_t at = 0; at < gradient.count; at += kLanes) {
        Vector columns[3 * kCells];
        HWY_UNROLL(6)
        for (int j = 0; j < kCells; ++j) {
            Vector sums[kCells];
            HWY_UNROLL(6)
            for (int i = 0; i < kCells; ++i) {
                const float* const from = gradient.planes + (i * kCells + j) * gradient.plane + at;
                sums[i] = hn::LoadU(d, from);
                for (std::int64_t part = 1; part < gradient.partials; ++part) {
                    sums[i] = hn::Add(sums[i], hn::LoadU(d, from + part * gradient.partial));
                }
            }
            filterBackLine<Size>(sums, columns + j, kCells);
        }
        HWY_UNROLL(3)
        for (int i = 0; i < 3; ++i) {
            Vector taps[3];
            filterBackLine<Size>(columns + i * kCells, taps, 1);
            HWY_UNROLL(3)
            for (int j = 0; j < 3; ++j) {
                float* const to = gradient.dw + (3 * i + j) * gradient.tap + at;
                hn::StoreU(gradient.add ? hn::Add(taps[j], hn::LoadU(d, to)) : taps[j], d, to);
            }
        }
    }
}

} // namespace

void transformInputsSimd(const InputRow& row) {
    return row.size == 2 ? inputBlocks<2>(row) : inputBlocks<4>(row);
}

void transformFiltersSimd(const FilterPanel& panel) {
    return panel.size == 2 ? filterPlanes<2>(panel) : filterPlanes<4>(panel);
}

void transformOutputsSimd(const OutputRow& row) {
    return row.size == 2 ? outputTiles<2>(row) : outputTiles<4>(row);
}

void transformPooledOutputsSimd(const OutputRow& row, const PooledTiles& pooled) {
    return row.size == 2 ? pooledTiles<2>(row, pooled) : pooledTiles<4>(row, pooled);
}

void transformGradientsSimd(const GradientRow& row) {
    return row.size == 2 ? gradientTiles<2>(row) : gradientTiles<4>(row);
}

void transformFilterGradientSimd(const FilterGradient& gradient) {
    return gradient.size == 2 ? filterGradient<2>(gradient) : filterGradient<4>(gradient);
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
