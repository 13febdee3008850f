#pragma once

#include <cstddef>
#include <cstdint>

namespace nn {

/// The sources and results of a block of targets: rows of targets next to each other, each of which
/// reads the same taps as its neighbour one or two source pixels further on.
struct StripRows {
    const float* source = nullptr; ///< Of the first target, its lowest tap.
    std::ptrdiff_t sourcePixel = 0, sourceRow = 0;
    std::int64_t step = 1; ///< Source pixels from one target to the next.
    float* target = nullptr;
    std::ptrdiff_t targetPixel = 0, targetRow = 0;
    std::int64_t rows = 0, columns = 0; ///< Of targets.
};

/// The weights of a convolution whose filter rows have two to six neighbouring taps, in panels of
/// 16 filters, and what happens to its result. Filter row i and tap j are those from the lowest
/// source row and pixel on.
struct StripWeights {
    const float* b = nullptr;
    std::ptrdiff_t bRow = 0, bTap = 0, bPanel = 0;
    std::int64_t kernelRows = 0, taps = 0, channels = 0;
    std::ptrdiff_t kernelRowStep = 0; ///< Floats of the source from one filter row to the next.
    std::int64_t columns = 0;         ///< Filters.
    const float* bias = nullptr;      ///< Readable to the next multiple of 16; null: none.
    bool add = false;                 ///< Add what the target held before.
    bool relu = false;
};

/// Whether `multiplyStrips` is faster here than `multiplyLong`: a source value that is loaded once
/// serves all taps of its row.
[[nodiscard]] bool stripsPay(std::int64_t taps, std::int64_t step, std::int64_t columns);

/// target[y][x][n] = activation(old + bias[n] +
///     Σ_i Σ_j Σ_c source[y · sourceRow + i · kernelRowStep + (x · step + j) · sourcePixel + c]
///     b[i][j][c][n])
void multiplyStrips(const StripRows& rows, const StripWeights& weights);

} // namespace nn
