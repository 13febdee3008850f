#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace nn {

// The transforms of F(2×2, 3×3) by Lavin and Gray, "Fast Algorithms for Convolutional Neural
// Networks" (2015): four neighbouring outputs Y = Aᵀ [(G g Gᵀ) ⊙ (Bᵀ d B)] A of 16 instead of 36
// products. A tile is 4×4 inputs d and 2×2 outputs Y, both cell by cell in row order; its 16
// products lie in planes. All numbers of channels are multiples of 16.

inline constexpr int winogradPlanes = 16;

/// Neighbouring tiles of a row, each two columns behind the one before it:
/// planes[t · plane + c / width · block + i · width + c % width] = (Bᵀ d B)[t] of tile i and
/// channel c.
struct InputRow {
    std::array<const float*, 4> lines{};    ///< Column 0 of the four lines of inputs.
    std::array<std::ptrdiff_t, 4> pixels{}; ///< Floats from one column to the next; 0: all equal.
    std::int64_t firstColumn = 0;           ///< Of the first tile; may be negative.
    std::int64_t columns = 0;               ///< Outside of 0 … columns - 1 inputs are zero.
    std::int64_t tiles = 0;
    std::int64_t channels = 0;
    float* planes = nullptr;
    std::int64_t plane = 0;
    std::int64_t width = 0, block = 0; ///< `width` divides the channels.
};
void transformInputs(const InputRow& row);

/// planes[t · plane + 16 c + n] = (G g Gᵀ)[t]: `taps` has one vector of 16 filters per tap and
/// channel, [3][3][channels][16], or with the taps in reverse order.
struct FilterPanel {
    const float* taps = nullptr;
    std::int64_t channels = 0;
    bool reversed = false;
    float* planes = nullptr;
    std::int64_t plane = 0;
};
void transformFilters(const FilterPanel& panel);

/// Outputs of neighbouring tiles of a row, each two columns behind the one before it. Those outside
/// of the image do not exist: the lower line, if there is none, and columns from `columns` on.
template <typename Float>
struct TileOutputs {
    Float* upper = nullptr; ///< Column 0 of a line, the channels in question.
    Float* lower = nullptr; ///< The line behind it; null: none.
    std::ptrdiff_t pixel = 0;
    std::int64_t firstColumn = 0, columns = 0;
};

/// The products of tile i and channel c are planes[t · plane + i · channels + c]; their outputs are
/// activation(old + bias[c] + Aᵀ m A).
struct OutputRow {
    const float* planes = nullptr;
    std::int64_t plane = 0;
    std::int64_t tiles = 0;
    std::int64_t channels = 0;
    const float* bias = nullptr; ///< Null: none.
    TileOutputs<float> outputs{};
    bool add = false;
    bool relu = false;
};
void transformOutputs(const OutputRow& row);
/// Only the largest of each tile, and which one it is, as `maxSquares` (square_pool.h) says;
/// `positions` may be null. From tile to tile `step` floats; `outputs` and `add` are not read.
struct PooledTiles {
    float* largest = nullptr;
    std::uint8_t* positions = nullptr;
    std::ptrdiff_t step = 0;
};
void transformPooledOutputs(const OutputRow& row, const PooledTiles& pooled);

/// planes[t · plane + c / 16 · panel + 16 i + c % 16] = (A dY Aᵀ)[t] of tile i: the gradient by the
/// products. Outputs that do not exist count as zero.
struct GradientRow {
    TileOutputs<const float> outputs{};
    std::int64_t tiles = 0;
    std::int64_t channels = 0;
    float* planes = nullptr;
    std::int64_t plane = 0;
    std::int64_t panel = 0;
};
void transformGradients(const GradientRow& row);

/// dw[i][c] (+)= (Gᵀ dU G)[i] for the nine taps i and `count` values c, where dU[t] is the sum of
/// `partials` arrays, each with planes.
struct FilterGradient {
    const float* planes = nullptr;
    std::int64_t plane = 0;
    std::int64_t partials = 0;
    std::int64_t partial = 0; ///< Floats from one partial sum to the next.
    std::int64_t count = 0;
    float* dw = nullptr;
    std::int64_t tap = 0; ///< Floats from one tap to the next.
    bool add = false;
};
void transformFilterGradient(const FilterGradient& gradient);

} // namespace nn
