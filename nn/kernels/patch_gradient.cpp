#include "nn/kernels/patch_gradient.h"

#include "nn/kernels/product.h"
#include "nn/kernels/simd_dispatch.h"

#include <algorithm>
#include <array>
#include <utility>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "nn/kernels/patch_gradient.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "nn/kernels/partial-inl.h"

HWY_BEFORE_NAMESPACE();
namespace nn::HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;

constexpr Tag d;
// Sums beside the gradient and the sum of it; values of x are read by the multiply-adds themselves.
constexpr int kMostSums = 30;

/// Targets whose sums stay in registers, and some filters.
struct Block {
    std::int64_t firstRow = 0, rows = 0;
    std::int64_t filter = 0;
    int filters = 0;
};

/// to[r · stride + n] += sums[r][n]. All rows are read before one is written: behind a write of a
/// part of a vector a read of its neighbour would wait until it has left the store buffer.
template <int Rows, int Vectors>
HWY_INLINE void addTo(float* to, std::ptrdiff_t stride, const int (&counts)[Vectors],
                      Vector (&sums)[Rows][Vectors]) {
    HWY_UNROLL(32)
    for (int r = 0; r < Rows; ++r) {
        HWY_UNROLL(2)
        for (int v = 0; v < Vectors; ++v) {
            const float* const from = to + r * stride + v * kLanes;
            sums[r][v] = hn::Add(loadFirst(counts[v], from), sums[r][v]);
        }
    }
    HWY_UNROLL(32)
    for (int r = 0; r < Rows; ++r) {
        HWY_UNROLL(2)
        for (int v = 0; v < Vectors; ++v) {
            storeFirst(sums[r][v], counts[v], to + r * stride + v * kLanes);
        }
    }
}

template <int KernelRows, int RowFloats, int Vectors>
void addBlock(const PatchGradient& g, const Block& block) {
    constexpr int weights = KernelRows * RowFloats;
    Vector sums[weights][Vectors];
    Vector bias[Vectors];
    HWY_UNROLL(32)
    for (int r = 0; r < weights; ++r) {
        HWY_UNROLL(2)
        for (int v = 0; v < Vectors; ++v) {
            sums[r][v] = hn::Zero(d);
        }
    }
    int counts[Vectors];
    HWY_UNROLL(2)
    for (int v = 0; v < Vectors; ++v) {
        bias[v] = hn::Zero(d);
        counts[v] = std::clamp(block.filters - v * kLanes, 0, kLanes);
    }
    for (std::int64_t y = block.firstRow; y < block.firstRow + block.rows; ++y) {
        const float* x[KernelRows];
        HWY_UNROLL(8)
        for (int i = 0; i < KernelRows; ++i) {
            x[i] = g.x + y * g.xRow + i * g.kernelRowStep;
        }
        const float* dy = g.dy + y * g.dyRow + block.filter;
        std::ptrdiff_t at = 0;
        for (std::int64_t column = 0; column < g.columns; ++column) {
            Vector gradient[Vectors];
            HWY_UNROLL(2)
            for (int v = 0; v < Vectors; ++v) {
                gradient[v] = loadFirst(counts[v], dy + v * kLanes);
                bias[v] = hn::Add(bias[v], gradient[v]);
            }
            HWY_UNROLL(8)
            for (int i = 0; i < KernelRows; ++i) {
                HWY_UNROLL(32)
                for (int k = 0; k < RowFloats; ++k) {
                    const Vector value = hn::Set(d, x[i][at + k]);
                    HWY_UNROLL(2)
                    for (int v = 0; v < Vectors; ++v) {
                        auto& sum = sums[i * RowFloats + k][v];
                        sum = hn::MulAdd(value, gradient[v], sum);
                    }
                }
            }
            at += g.xPixel;
            dy += g.dyPixel;
        }
    }
    addTo<weights, Vectors>(g.dw + block.filter, g.filters, counts, sums);
    for (int v = 0; v < Vectors && g.db != nullptr; ++v) {
        float* const to = g.db + block.filter + v * kLanes;
        storeFirst(hn::Add(loadFirst(counts[v], to), bias[v]), counts[v], to);
    }
}

using BlockFunction = void (*)(const PatchGradient&, const Block&);
/// The functions for a size of filter, or for one of its rows at a time: for one vector of filters,
/// and for two where they fit.
struct Patch {
    int kernelRows = 0, rowFloats = 0;
    int filters = 0; ///< At a time.
    BlockFunction one = nullptr, two = nullptr;
};

template <int KernelRows, int RowFloats>
constexpr Patch patchOf() {
    constexpr bool fits = 2 * KernelRows * RowFloats <= kMostSums - 2;
    constexpr BlockFunction two = &addBlock < KernelRows, RowFloats, fits ? 2 : 1 > ;
    return {KernelRows, RowFloats, fits ? 2 * kLanes : kLanes, &addBlock<KernelRows, RowFloats, 1>,
            two};
}

constexpr std::array kWholeFilters{
    patchOf<3, 3>(), patchOf<3, 4>(), patchOf<3, 5>(),  patchOf<3, 6>(), patchOf<3, 7>(),
    patchOf<3, 8>(), patchOf<3, 9>(), patchOf<3, 10>(), patchOf<5, 5>(), patchOf<5, 6>()};

// Shorter rows are too few products for each value of dy that is read.
constexpr int kLeastRow = 14;
template <int... Index>
constexpr auto rowsOf(std::integer_sequence<int, Index...>) {
    return std::array{patchOf<1, kLeastRow + Index>()...};
}
constexpr auto kRows = rowsOf(std::make_integer_sequence<int, kMostSums - kLeastRow + 1>());

const Patch* patchFor(std::int64_t kernelRows, std::int64_t rowFloats) {
    const auto* const whole = std::ranges::find_if(kWholeFilters, [&](const Patch& patch) {
        return patch.kernelRows == kernelRows && patch.rowFloats == rowFloats;
    });
    if (whole != kWholeFilters.end()) {
        return whole;
    }
    const auto* const row = std::ranges::find(kRows, rowFloats, &Patch::rowFloats);
    return row == kRows.end() ? nullptr : row;
}

/// What a block adds to the gradient of its filters, as many of their rows at a time as fit.
void addFilters(const PatchGradient& g, const Patch& patch, const Block& block) {
    const BlockFunction add = block.filters > kLanes ? patch.two : patch.one;
    PatchGradient part = g;
    for (std::int64_t row = 0; row < g.kernelRows; row += patch.kernelRows) {
        add(part, block);
        part.x += patch.kernelRows * g.kernelRowStep;
        part.dw += patch.kernelRows * g.rowFloats * g.filters;
        part.db = nullptr; // once is enough
    }
}

} // namespace

/// As long as x is read once for all filters.
bool patchGradientsPaySimd(std::int64_t kernelRows, std::int64_t rowFloats, std::int64_t filters) {
    constexpr bool wideRegisters = HWY_TARGET == HWY_AVX3;
    const Patch* const patch = patchFor(kernelRows, rowFloats);
    return wideRegisters && patch != nullptr && filters <= patch->filters;
}

void addPatchGradientSimd(const PatchGradient& g) {
    const Patch& patch = *patchFor(g.kernelRows, g.rowFloats);
    const std::int64_t height = std::max<std::int64_t>(1, maxReductionSteps / g.columns);
    for (std::int64_t y = 0; y < g.rows; y += height) {
        Block block{.firstRow = y, .rows = std::min(height, g.rows - y)};
        for (; block.filter < g.filters; block.filter += patch.filters) {
            block.filters =
                static_cast<int>(std::min<std::int64_t>(patch.filters, g.filters - block.filter));
            addFilters(g, patch, block);
        }
    }
}

} // namespace nn::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nn {

HWY_EXPORT(patchGradientsPaySimd);
HWY_EXPORT(addPatchGradientSimd);

bool patchGradientsPay(std::int64_t kernelRows, std::int64_t rowFloats, std::int64_t filters) {
    return NN_SIMD(patchGradientsPaySimd)(kernelRows, rowFloats, filters);
}

void addPatchGradient(const PatchGradient& gradient) {
    NN_SIMD(addPatchGradientSimd)(gradient);
}

} // namespace nn
#endif
