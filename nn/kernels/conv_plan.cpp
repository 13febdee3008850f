#include "nn/kernels/conv_plan.h"

#include "nn/kernels/product.h"

#include <algorithm>
#include <cstring>
#include <numeric>

namespace nn {
namespace {

// Multiply-adds that make a task worth its ticket, and tasks that keep several threads busy.
constexpr std::int64_t kTaskWork = std::int64_t{1} << 18;
constexpr std::int64_t kTasks = 64;
// Half of a small second-level cache.
constexpr std::int64_t kLocalFloats = 48 * 1024;
constexpr std::int64_t kMinColumns = 16;

struct AxisGeometry {
    std::int64_t in, out, kernel, stride, dilation, pad;
};

ConvAxis forwardAxis(const AxisGeometry& g) {
    return {.targets = g.out,
            .cells = g.out,
            .sources = g.in,
            .sourceOrigin = -g.pad,
            .sourceStep = g.stride,
            .taps = g.kernel,
            .tapStep = g.dilation};
}

/// Inputs i with (i + pad) mod stride = phase; they read outputs (i + pad - tap · dilation) /
/// stride.
ConvAxis backwardAxis(const AxisGeometry& g, std::int64_t phase) {
    ConvAxis axis{.cells = g.in, .sources = g.out};
    axis.targetStep = g.stride;
    axis.targetOrigin = ((phase - g.pad) % g.stride + g.stride) % g.stride;
    axis.targets = axis.targetOrigin < g.in ? (g.in - 1 - axis.targetOrigin) / g.stride + 1 : 0;
    axis.sourceOrigin = (axis.targetOrigin + g.pad - phase) / g.stride;
    axis.kernelStep = g.stride / std::gcd(g.stride, g.dilation);
    axis.tapStep = -axis.kernelStep * g.dilation / g.stride;
    while (axis.firstTap < std::min(axis.kernelStep, g.kernel) &&
           (phase - axis.firstTap * g.dilation) % g.stride != 0) {
        ++axis.firstTap;
    }
    if (axis.firstTap < std::min(axis.kernelStep, g.kernel)) {
        axis.taps = (g.kernel - 1 - axis.firstTap) / axis.kernelStep + 1;
        axis.tapOrigin = (phase - axis.firstTap * g.dilation) / g.stride;
    }
    return axis;
}

/// `count` values of each of `pixels` neighbouring pixels.
void copyPixels(const float* from, std::int64_t pixel, std::int64_t pixels, std::int64_t count,
                float* to) {
    if (count == pixel) {
        std::memcpy(to, from, static_cast<std::size_t>(pixels * count) * sizeof(float));
        return;
    }
    for (std::int64_t i = 0; i < pixels; ++i, from += pixel) {
        to = std::copy_n(from, count, to);
    }
}

AxisGeometry vertical(const ConvGeometry& g) {
    return {g.inHeight, g.outHeight, g.kernelHeight, g.strideHeight, g.dilationHeight, g.padTop};
}

AxisGeometry horizontal(const ConvGeometry& g) {
    return {g.inWidth, g.outWidth, g.kernelWidth, g.strideWidth, g.dilationWidth, g.padLeft};
}

} // namespace

std::int64_t ConvAxis::lowestTap() const {
    return tapStep < 0 ? tapOrigin + (taps - 1) * tapStep : tapOrigin;
}

std::int64_t ConvAxis::extent() const {
    return taps == 0 ? 0 : (taps - 1) * std::abs(tapStep) + 1;
}

std::int64_t ConvAxis::sourceBegin(std::int64_t first) const {
    return sourceOrigin + first * sourceStep + lowestTap();
}

std::int64_t ConvAxis::sourceCount(std::int64_t count) const {
    return taps == 0 || count == 0 ? 0 : (count - 1) * sourceStep + extent();
}

bool ConvAxis::leavesSource() const {
    return taps > 0 && targets > 0 &&
           (sourceBegin(0) < 0 || sourceBegin(0) + sourceCount(targets) > sources);
}

std::int64_t ConvPass::panels() const {
    return blockCount(groupTargets, panelColumns);
}

ConvPass forwardPass(const ConvGeometry& g) {
    return {.y = forwardAxis(vertical(g)),
            .x = forwardAxis(horizontal(g)),
            .sourceChannels = g.inChannels,
            .targetChannels = g.outChannels,
            .groupSources = g.inChannels / g.groups,
            .groupTargets = g.outChannels / g.groups,
            .groups = g.groups};
}

ConvPass backwardPass(const ConvGeometry& g, std::int64_t phaseY, std::int64_t phaseX) {
    return {.y = backwardAxis(vertical(g), phaseY),
            .x = backwardAxis(horizontal(g), phaseX),
            .sourceChannels = g.outChannels,
            .targetChannels = g.inChannels,
            .groupSources = g.outChannels / g.groups,
            .groupTargets = g.inChannels / g.groups,
            .groups = g.groups};
}

ConvBlocks convBlocks(const ConvPass& pass, std::int64_t batch) {
    const std::int64_t rows = std::max<std::int64_t>(pass.y.targets, 1);
    const std::int64_t columns = std::max<std::int64_t>(pass.x.targets, 1);
    const std::int64_t work =
        batch * rows * columns * pass.targetChannels * std::max<std::int64_t>(pass.steps(), 1);
    const std::int64_t wanted = std::clamp<std::int64_t>(work / kTaskWork, 1, kTasks);
    ConvBlocks blocks{.images = 1, .rows = rows, .columns = columns, .panels = pass.panels()};
    if (batch >= wanted) {
        blocks.images = batch / wanted;
    } else {
        const std::int64_t bands = std::min(rows, blockCount(wanted, batch));
        blocks.rows = blockCount(rows, bands);
        const std::int64_t parts = blockCount(wanted, batch * blockCount(rows, blocks.rows));
        blocks.panels = blockCount(pass.panels(), std::min(parts, pass.panels()));
    }
    while (blocks.images > 1 && localFloats(pass, blocks) > kLocalFloats) {
        blocks.images = blockCount(blocks.images, 2);
    }
    while (blocks.rows > 1 && localFloats(pass, blocks) > kLocalFloats) {
        blocks.rows = blockCount(blocks.rows, 2);
    }
    while (blocks.columns > kMinColumns && localFloats(pass, blocks) > kLocalFloats) {
        blocks.columns = blockCount(blocks.columns, 2);
    }
    return blocks;
}

std::int64_t localFloats(const ConvPass& pass, const ConvRegion& region) {
    return region.images * pass.y.sourceCount(region.rows) * pass.x.sourceCount(region.columns) *
           pass.sourceChannels;
}

std::int64_t localFloats(const ConvPass& pass, const ConvBlocks& blocks) {
    return localFloats(
        pass, ConvRegion{.images = blocks.images, .rows = blocks.rows, .columns = blocks.columns});
}

LocalSource localSource(const ConvPass& pass, const ConvRegion& region, const float* source,
                        float* local) {
    return localSource(pass, region, {0, pass.sourceChannels}, source, local);
}

LocalSource localSource(const ConvPass& pass, const ConvRegion& region,
                        const ChannelRange& channels, const float* source, float* local) {
    const std::int64_t top = pass.y.sourceBegin(region.firstRow);
    const std::int64_t left = pass.x.sourceBegin(region.firstColumn);
    const std::int64_t pixel = pass.sourceChannels;
    const std::int64_t sourceRow = pass.x.sources * pixel;
    const std::int64_t sourceImage = pass.y.sources * sourceRow;
    source += region.firstImage * sourceImage + channels.first;
    if (!pass.copiesSource() || pass.steps() == 0) {
        const std::int64_t begin = pass.steps() == 0 ? 0 : top * sourceRow + left * pixel;
        return {.data = source + begin,
                .imageStride = sourceImage,
                .rowStride = sourceRow,
                .pixelStride = pixel};
    }
    const std::int64_t height = pass.y.sourceCount(region.rows);
    const std::int64_t width = pass.x.sourceCount(region.columns);
    const LocalSource result{.data = local,
                             .imageStride = height * width * channels.count,
                             .rowStride = width * channels.count,
                             .pixelStride = channels.count};
    const std::int64_t from = std::clamp<std::int64_t>(-left, 0, width);
    const std::int64_t to = std::clamp<std::int64_t>(pass.x.sources - left, from, width);
    for (std::int64_t image = 0; image < region.images; ++image) {
        for (std::int64_t row = 0; row < height; ++row, local += result.rowStride) {
            const bool inside = top + row >= 0 && top + row < pass.y.sources && to > from;
            const std::int64_t begin = inside ? from : width;
            std::fill_n(local, begin * channels.count, 0.0F);
            if (inside) {
                const float* const cells =
                    source + image * sourceImage + (top + row) * sourceRow + (left + from) * pixel;
                copyPixels(cells, pixel, to - from, channels.count, local + from * channels.count);
                std::fill_n(local + to * channels.count, (width - to) * channels.count, 0.0F);
            }
        }
    }
    return result;
}

void fillTapOffsets(const ConvPass& pass, std::int64_t rowStride, std::ptrdiff_t* offsets) {
    for (std::int64_t i = 0; i < pass.y.taps; ++i) {
        const std::int64_t row = pass.y.tapOrigin + i * pass.y.tapStep - pass.y.lowestTap();
        for (std::int64_t j = 0; j < pass.x.taps; ++j) {
            const std::int64_t column = pass.x.tapOrigin + j * pass.x.tapStep - pass.x.lowestTap();
            offsets = std::generate_n(
                offsets, pass.groupSources,
                [at = row * rowStride + column * pass.sourceChannels]() mutable { return at++; });
        }
    }
}

TargetLayout targetLayout(const ConvPass& pass, const ConvRegion& region) {
    const std::ptrdiff_t row = pass.x.cells * pass.targetChannels;
    TargetLayout layout{.image = pass.y.cells * row,
                        .row = row * pass.y.targetStep,
                        .column = pass.targetChannels * pass.x.targetStep};
    layout.first =
        region.firstImage * layout.image +
        (pass.y.targetOrigin * pass.x.cells + pass.x.targetOrigin) * pass.targetChannels +
        region.firstRow * layout.row + region.firstColumn * layout.column;
    return layout;
}

TargetWalk::TargetWalk(const ConvPass& pass, const ConvRegion& region, const LocalSource& local)
    : m_region(region), m_sourceImage(local.imageStride),
      m_sourceRow(local.rowStride * pass.y.sourceStep),
      m_sourceColumn(pass.sourceChannels * pass.x.sourceStep), m_layout(targetLayout(pass, region)),
      m_target(m_layout.first) {}

void TargetWalk::advance(std::int64_t columns) {
    m_source += columns * m_sourceColumn;
    m_target += columns * m_layout.column;
    m_column += columns;
    if (m_column < m_region.columns) {
        return;
    }
    m_source += m_sourceRow - m_column * m_sourceColumn;
    m_target += m_layout.row - m_column * m_layout.column;
    m_column = 0;
    if (++m_row < m_region.rows) {
        return;
    }
    m_source += m_sourceImage - m_row * m_sourceRow;
    m_target += m_layout.image - m_row * m_layout.row;
    m_row = 0;
    ++m_image;
}

} // namespace nn
