#pragma once

#include <cstddef>
#include <cstdint>

namespace nn {

/// A block of targets whose rows lie next to each other, as for strips (strip.h), and the part of
/// the gradient by the weights that comes from it.
struct StripGradient {
    const float* x = nullptr; ///< Source of the first target, its lowest tap, first channel.
    std::ptrdiff_t xPixel = 0, xRow = 0;
    std::ptrdiff_t kernelRowStep = 0; ///< Floats of the source from one filter row to the next.
    std::int64_t channels = 0;
    const float* dy = nullptr; ///< Of the first target, in panels of 16 filters.
    std::ptrdiff_t dyPixel = 0, dyRow = 0, dyPanel = 0;
    std::int64_t rows = 0, columns = 0; ///< Of targets.
    std::int64_t kernelRows = 0, taps = 0;
    float* dw = nullptr; ///< Of the first channel.
    std::ptrdiff_t dwRow = 0, dwTap = 0, dwChannel = 0;
    std::int64_t filters = 0; ///< dy is readable to the next multiple of 16.
};

/// Whether `addStripGradient` is faster here than `multiply`: a source value and a gradient that
/// are loaded once serve all taps of their row.
[[nodiscard]] bool gradientStripsPay(std::int64_t taps, std::int64_t channels,
                                     std::int64_t filters);

/// dw[i][j][c][n] += Σ_y Σ_x x[y · xRow + i · kernelRowStep + (x + j) · xPixel + c] dy[y][x][n]
void addStripGradient(const StripGradient& gradient);

} // namespace nn
