#pragma once

#include "nn/base/parallel.h"
#include "nn/kernels/dense.h"
#include "nn/kernels/elementwise.h"

#include <cstddef>
#include <cstdint>
#include <span>

namespace nn {

/// The gradient of the weights [inputs][units] of a large Dense layer, not computed yet: xᵀ · dy.
struct GradientProduct {
    DenseGeometry geometry;
    std::span<const float> x;  ///< [rows][inputs]
    std::span<const float> dy; ///< [rows][units]
    std::span<float> scratch;  ///< `gradientProductScratchFloats` of it.
};

/// Whether a gradient may be left as a product: it is large, and `denseBackwardWeights` sums it in
/// the same order as its pieces are, so that both have the same bits.
[[nodiscard]] bool isLargeProduct(const DenseGeometry& g);
[[nodiscard]] std::int64_t gradientProductScratchFloats(const DenseGeometry& g);

/// Some consecutive numbers of a gradient.
struct GradientPiece {
    std::size_t first = 0;
    std::span<const float> values;
};

/// A gradient made piece by piece in the scratch memory of its product. Together the pieces have
/// the bits that `denseBackwardWeights` would have written.
class GradientPieces {
public:
    /// Lays out the right side; the product's spans must outlive the pieces.
    GradientPieces(Parallel& parallel, const GradientProduct& product);

    [[nodiscard]] std::int64_t count() const;
    /// Valid until the worker asks for another.
    [[nodiscard]] GradientPiece piece(std::int64_t index, int worker) const;

private:
    const GradientProduct& m_product;
    float* m_packed = nullptr; ///< dy: for each block of rows [panel][row][16].
    float* m_workers = nullptr;
};

/// Σ values² of a gradient product, exactly: costs as much as making it.
[[nodiscard]] SquareSum sumOfSquares(Parallel& parallel, const GradientProduct& product);
/// What that sum cannot exceed, ‖x‖² ‖dy‖²: costs next to nothing.
[[nodiscard]] SquareSum boundOfSquares(Parallel& parallel, const GradientProduct& product);

} // namespace nn
