#pragma once

#include <cstddef>
#include <cstdint>

namespace nn {

/// A block of targets of a convolution with few products per result, as in first layers, and the
/// part of the gradient by the weights that comes from it.
struct PatchGradient {
    const float* x = nullptr;                   ///< Of the first target, its lowest tap.
    std::ptrdiff_t xPixel = 0, xRow = 0;        ///< From one target to the next.
    std::ptrdiff_t kernelRowStep = 0;           ///< Floats of x from one filter row to the next.
    std::int64_t kernelRows = 0, rowFloats = 0; ///< A filter row reads so many neighbouring floats.
    const float* dy = nullptr;                  ///< Of the first target.
    std::ptrdiff_t dyPixel = 0, dyRow = 0;
    std::int64_t rows = 0, columns = 0; ///< Of targets.
    float* dw = nullptr;                ///< [kernelRows][rowFloats][filters]
    float* db = nullptr;                ///< [filters], summed up as well; null: not wanted.
    std::int64_t filters = 0;
};

/// Whether `addPatchGradient` can do it and is faster here than `multiply`: sums for all weights of
/// a filter, or of one of its rows after the other, stay in registers, and dy is read in place.
[[nodiscard]] bool patchGradientsPay(std::int64_t kernelRows, std::int64_t rowFloats,
                                     std::int64_t filters);

/// dw[i][k][n] += Σ_y Σ_x x[y · xRow + x · xPixel + i · kernelRowStep + k] dy[y][x][n], db[n] +=
/// Σ_y Σ_x dy[y][x][n]
void addPatchGradient(const PatchGradient& gradient);

} // namespace nn
