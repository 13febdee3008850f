#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace nn {

// The transforms of F(2×2, 3×3) and F(4×4, 3×3) by Lavin and Gray, "Fast Algorithms for
// Convolutional Neural Networks" (2015): m × m neighbouring outputs Y = Aᵀ [(G g Gᵀ) ⊙ (Bᵀ d B)] A
// of (m + 2)² instead of 9 m² products. A tile is (m + 2)² inputs d and m × m outputs Y, both cell
// by cell in row order; its products lie in planes. All numbers of channels are multiples of 16.
//
// The method evaluates polynomials: for m = 2 at 0, 1, -1 and ∞, which is as accurate as direct
// sums; for m = 4 at 0, ±3/4, ±3/2 and ∞. With these points the largest rounding errors are a third
// of those with the customary 0, ±1, ±2, and about five times those of direct sums.

inline constexpr int largestWinogradSize = 4;
[[nodiscard]] constexpr int winogradPlanes(int size) {
    return (size + 2) * (size + 2);
}

/// Neighbouring tiles of a row, each `size` columns behind the one before it:
/// planes[t · plane + c / width · block + i · width + c % width] = (Bᵀ d B)[t] of tile i and
/// channel c.
struct InputRow {
    int size = 2; ///< Of a tile's outputs: 2 or 4.
    /// Column 0 of the size + 2 lines of inputs; null: all zero.
    std::array<const float*, largestWinogradSize + 2> lines{};
    std::ptrdiff_t pixel = 0;     ///< Floats from one column to the next.
    std::ptrdiff_t ahead = 0;     ///< Floats to inputs that are wanted soon and fetched meanwhile.
    std::int64_t firstColumn = 0; ///< Of the first tile; may be negative.
    std::int64_t columns = 0;     ///< Outside of 0 … columns - 1 inputs are zero.
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
    int size = 2;
    const float* taps = nullptr;
    std::int64_t channels = 0;
    bool reversed = false;
    float* planes = nullptr;
    std::int64_t plane = 0;
};
void transformFilters(const FilterPanel& panel);

/// Outputs of neighbouring tiles of a row. Those outside of the image do not exist: lines that are
/// null, and columns from `columns` on.
template <typename Value>
struct TileOutputs {
    std::array<Value*, largestWinogradSize> lines{}; ///< Column 0, the channels in question.
    std::ptrdiff_t pixel = 0;
    std::int64_t firstColumn = 0, columns = 0;
};

/// The products of tile i and channel c are planes[t · plane + i · channels + c]; their outputs are
/// activation(old + bias[c] + Aᵀ m A).
struct OutputRow {
    int size = 2;
    const float* planes = nullptr;
    std::int64_t plane = 0;
    std::int64_t tiles = 0;
    std::int64_t channels = 0;
    const float* bias = nullptr;  ///< Null: none.
    TileOutputs<float> outputs{}; ///< `size` columns from one tile to the next.
    bool add = false;
    bool relu = false;
    /// Values by output: where one is not positive, the output becomes zero. No lines: none.
    TileOutputs<const float> passed{};
};
void transformOutputs(const OutputRow& row);
/// Only the largest of each 2×2 outputs, and which one it is, as `maxSquares` (square_pool.h) says:
/// size / 2 of them along each axis of a tile. `outputs` and `add` of the row are not read.
struct PooledTiles {
    TileOutputs<float> largest{};
    TileOutputs<std::uint8_t> positions{}; ///< Line by line as `largest`, or no lines at all.
};
void transformPooledOutputs(const OutputRow& row, const PooledTiles& pooled);

/// planes[t · plane + c / 16 · panel + 16 i + c % 16] = (A dY Aᵀ)[t] of tile i: the gradient by the
/// products. Outputs that do not exist count as zero.
struct GradientRow {
    int size = 2;
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
    int size = 2;
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
