#include "nn/kernels/pack.h"

#include "nn/kernels/product.h"
#include "nn/kernels/simd_dispatch.h"

#include <algorithm>
#include <cstring>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "nn/kernels/pack.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "nn/kernels/partial-inl.h"

HWY_BEFORE_NAMESPACE();
namespace nn::HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;

/// Rows [first, rows) of columns [from, columns), one value at a time.
void transposeRest(const PanelSource& s, std::int64_t first, std::int64_t column, float* to) {
    for (std::int64_t row = first; row < s.rows; ++row) {
        for (std::int64_t c = column; c < s.columns; ++c) {
            to[row * panelColumns + c] = s.from[c * s.stride + row];
        }
    }
}

#if HWY_TARGET != HWY_SCALAR
/// Four by four values from four lines.
HWY_INLINE void transposeSquare(const float* from, std::int64_t stride, float* to) {
    const hn::FixedTag<float, 4> d;
    const hn::RepartitionToWide<decltype(d)> wide;
    const auto r0 = hn::LoadU(d, from);
    const auto r1 = hn::LoadU(d, from + stride);
    const auto r2 = hn::LoadU(d, from + 2 * stride);
    const auto r3 = hn::LoadU(d, from + 3 * stride);
    const auto low01 = hn::BitCast(wide, hn::InterleaveLower(d, r0, r1));
    const auto low23 = hn::BitCast(wide, hn::InterleaveLower(d, r2, r3));
    const auto high01 = hn::BitCast(wide, hn::InterleaveUpper(d, r0, r1));
    const auto high23 = hn::BitCast(wide, hn::InterleaveUpper(d, r2, r3));
    hn::StoreU(hn::BitCast(d, hn::InterleaveLower(wide, low01, low23)), d, to);
    hn::StoreU(hn::BitCast(d, hn::InterleaveUpper(wide, low01, low23)), d, to + panelColumns);
    hn::StoreU(hn::BitCast(d, hn::InterleaveLower(wide, high01, high23)), d, to + 2 * panelColumns);
    hn::StoreU(hn::BitCast(d, hn::InterleaveUpper(wide, high01, high23)), d, to + 3 * panelColumns);
}
#endif

} // namespace

/// Less than 16 columns.
void packCutSimd(const PanelSource& s, float* to) {
    const Tag d;
    const float* from = s.from;
    for (std::int64_t row = 0; row < s.rows; ++row, from += s.stride, to += panelColumns) {
        std::int64_t column = 0;
        for (; column + kLanes <= s.columns; column += kLanes) {
            hn::StoreU(hn::LoadU(d, from + column), d, to + column);
        }
        if (column < s.columns) {
            hn::StoreU(loadFirst(s.columns - column, from + column), d, to + column);
            column += kLanes;
        }
        for (; column < panelColumns; column += kLanes) {
            hn::StoreU(hn::Zero(d), d, to + column);
        }
    }
}

void packTransposedSimd(const PanelSource& s, float* to) {
    if (s.columns < panelColumns) {
        std::fill_n(to, s.rows * panelColumns, 0.0F);
    }
#if HWY_TARGET == HWY_SCALAR
    transposeRest(s, 0, 0, to);
#else
    const std::int64_t columns = s.columns / 4 * 4;
    std::int64_t row = 0;
    for (; row + 4 <= s.rows; row += 4) {
        for (std::int64_t column = 0; column < columns; column += 4) {
            transposeSquare(s.from + column * s.stride + row, s.stride,
                            to + row * panelColumns + column);
        }
    }
    transposeRest({s.from, s.stride, row, s.columns}, 0, columns, to);
    transposeRest(s, row, 0, to);
#endif
}

} // namespace nn::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nn {

HWY_EXPORT(packCutSimd);
HWY_EXPORT(packTransposedSimd);

void packPanel(const PanelSource& source, float* to) {
    if (source.columns == panelColumns) {
        const float* from = source.from;
        for (std::int64_t row = 0; row < source.rows; ++row) {
            std::memcpy(to, from, panelColumns * sizeof(float));
            from += source.stride;
            to += panelColumns;
        }
        return;
    }
    NN_SIMD(packCutSimd)(source, to);
}

void packPanels(const PanelSource& source, float* to) {
    // A few lines at a time: long runs to read, whole cache lines to write.
    constexpr std::int64_t lines = 4;
    const std::int64_t panelFloats = source.rows * panelColumns;
    for (std::int64_t row = 0; row < source.rows; row += lines) {
        PanelSource part = source;
        part.rows = std::min(lines, source.rows - row);
        for (std::int64_t column = 0; column < source.columns; column += panelColumns) {
            part.from = source.from + row * source.stride + column;
            part.columns = std::min(panelColumns, source.columns - column);
            packPanel(part, to + column / panelColumns * panelFloats + row * panelColumns);
        }
    }
}

void packPanelTransposed(const PanelSource& source, float* to) {
    NN_SIMD(packTransposedSimd)(source, to);
}

} // namespace nn
#endif
