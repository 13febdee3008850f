#include "nn/kernels/border.h"

#include <algorithm>

namespace nn {
namespace {

constexpr std::int64_t kTaskFloats = 16 * 1024;

} // namespace

BorderGeometry opposite(const BorderGeometry& g) {
    return {.sourceHeight = g.targetHeight,
            .sourceWidth = g.targetWidth,
            .targetHeight = g.sourceHeight,
            .targetWidth = g.sourceWidth,
            .channels = g.channels,
            .top = -g.top,
            .left = -g.left};
}

void copyFramed(Parallel& parallel, const BorderGeometry& g, std::int64_t batch,
                std::span<const float> source, std::span<float> target) {
    const std::int64_t sourceRow = g.sourceWidth * g.channels;
    const std::int64_t targetRow = g.targetWidth * g.channels;
    const std::int64_t from = std::clamp<std::int64_t>(g.left, 0, g.targetWidth);
    const std::int64_t to = std::clamp<std::int64_t>(g.sourceWidth + g.left, from, g.targetWidth);
    const std::int64_t rows = std::max<std::int64_t>(1, kTaskFloats / targetRow);
    const std::int64_t blocks = (g.targetHeight + rows - 1) / rows;
    parallel.run(batch * blocks, [&](std::int64_t task, int) {
        const std::int64_t image = task / blocks;
        const std::int64_t begin = task % blocks * rows;
        const std::int64_t end = std::min(begin + rows, g.targetHeight);
        for (std::int64_t y = begin; y < end; ++y) {
            float* const row = target.data() + (image * g.targetHeight + y) * targetRow;
            const std::int64_t sourceY = y - g.top;
            if (sourceY < 0 || sourceY >= g.sourceHeight) {
                std::fill_n(row, targetRow, 0.0F);
                continue;
            }
            const float* const cells = source.data() +
                                       (image * g.sourceHeight + sourceY) * sourceRow +
                                       (from - g.left) * g.channels;
            std::fill_n(row, from * g.channels, 0.0F);
            std::copy_n(cells, (to - from) * g.channels, row + from * g.channels);
            std::fill_n(row + to * g.channels, (g.targetWidth - to) * g.channels, 0.0F);
        }
    });
}

} // namespace nn
