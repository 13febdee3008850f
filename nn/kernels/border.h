#pragma once

#include "nn/base/parallel.h"

#include <cstdint>
#include <span>

namespace nn {

/// Copies images into larger or smaller frames: target cell (y, x) is source cell (y - top,
/// x - left), zero outside of the source. Negative offsets cut rows and columns off. The same call
/// with opposite offsets is the backward pass.
struct BorderGeometry {
    std::int64_t sourceHeight = 1, sourceWidth = 1;
    std::int64_t targetHeight = 1, targetWidth = 1;
    std::int64_t channels = 1;
    std::int64_t top = 0, left = 0;

    bool operator==(const BorderGeometry&) const = default;
};

[[nodiscard]] BorderGeometry opposite(const BorderGeometry& g);

void copyFramed(Parallel& parallel, const BorderGeometry& g, std::int64_t batch,
                std::span<const float> source, std::span<float> target);

} // namespace nn
