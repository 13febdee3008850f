#pragma once

#include <cstddef>
#include <cstdint>

namespace nn {

/// Columns per panel of packed weights: [columns / 16][steps][16].
inline constexpr std::int64_t panelColumns = 16;

/// Reductions longer than this are cut into pieces, each summed on its own: keeps the operands in
/// the first-level cache and rounding errors small.
inline constexpr std::int64_t maxReductionSteps = 192;

/// Rows handled together; their tables live on the stack.
inline constexpr std::int64_t maxProductRows = 192;

/// The right side of a product, and what happens to its result:
/// c[r][n] = activation(old + bias[n] + Σ_k a[r][steps[k]] b[k][n]).
struct Product {
    const std::ptrdiff_t* steps = nullptr; ///< Where in a row the value of each step is.
    std::int64_t stepCount = 0;
    const float* b = nullptr;
    std::ptrdiff_t bStep = panelColumns;  ///< Floats from one step to the next.
    std::ptrdiff_t bPanel = panelColumns; ///< Floats from one panel of 16 columns to the next.
    std::int64_t columns = 0;    ///< Columns to store; b is readable to the next multiple of 16.
    const float* bias = nullptr; ///< Readable to the next multiple of 16; null: none.
    bool add = false;            ///< Add what c held before.
    bool relu = false;
};

/// The left side and the result, row by row: any addresses.
struct ProductRows {
    std::int64_t count = 0;
    const float* const* a = nullptr;
    float* const* c = nullptr;
};

/// One product of all given rows with all given columns; up to `maxReductionSteps` steps.
void multiply(const ProductRows& rows, const Product& product);

/// The same for any number of steps, cut into equal pieces.
void multiplyLong(const ProductRows& rows, const Product& product);

} // namespace nn
