#pragma once

#include <cstddef>
#include <cstdint>

namespace nn {

// The transforms of F(2×2, 3×3) by Lavin and Gray, "Fast Algorithms for Convolutional Neural
// Networks" (2015): four neighbouring outputs Y = Aᵀ [(G g Gᵀ) ⊙ (Bᵀ d B)] A of 16 instead of 36
// products. A tile is 4×4 inputs d and 2×2 outputs Y, both cell by cell in row order; its 16
// products lie in planes. All numbers of channels are multiples of 16.

inline constexpr int winogradPlanes = 16;

/// planes[t · plane + c] = (Bᵀ d B)[t] of channel c.
struct InputTile {
    const float* const* cells = nullptr; ///< 16 inputs, each with `channels` values.
    std::int64_t channels = 0;
    float* planes = nullptr;
    std::int64_t plane = 0;
};
void transformInput(const InputTile& tile);

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

/// cells[i][c] = activation(old + bias[c] + (Aᵀ m A)[i]).
struct OutputTile {
    const float* planes = nullptr;
    std::int64_t plane = 0;
    std::int64_t channels = 0;
    const float* bias = nullptr;   ///< Null: none.
    float* const* cells = nullptr; ///< Four, each with `channels` values.
    bool add = false;
    bool relu = false;
};
void transformOutput(const OutputTile& tile);
/// The largest of the four instead, and which one it is, as `maxSquares` (square_pool.h) says;
/// `positions` may be null. `cells` and `add` are not read.
void transformPooledOutput(const OutputTile& tile, float* largest, std::uint8_t* positions);

/// planes[t · plane + c / 16 · panel + c % 16] = (A dY Aᵀ)[t]: the gradient by the products.
struct GradientTile {
    const float* const* cells = nullptr; ///< Four.
    std::int64_t channels = 0;
    float* planes = nullptr;
    std::int64_t plane = 0;
    std::int64_t panel = 0;
};
void transformGradient(const GradientTile& tile);

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
