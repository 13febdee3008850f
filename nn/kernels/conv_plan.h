#pragma once

#include "nn/kernels/convolution.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace nn {

enum class ConvDirection : std::uint8_t { Forward, BackwardData };

/// How the targets of a convolution pass read their source along one axis: target t reads, for tap
/// i, the source cell sourceOrigin + t · sourceStep + tapOrigin + i · tapStep, with the weight
/// firstTap + i · kernelStep, and is cell targetOrigin + t · targetStep of the result.
struct ConvAxis {
    std::int64_t targets = 0, targetOrigin = 0, targetStep = 1;
    std::int64_t cells = 0; ///< Of the result; more than targets if there are several phases.
    std::int64_t sources = 0, sourceOrigin = 0, sourceStep = 1;
    std::int64_t taps = 0, tapOrigin = 0, tapStep = 1;
    std::int64_t firstTap = 0, kernelStep = 1;

    [[nodiscard]] std::int64_t lowestTap() const;
    /// Source cells between the lowest and the highest tap, both counted.
    [[nodiscard]] std::int64_t extent() const;
    /// First source cell that targets from `first` on read.
    [[nodiscard]] std::int64_t sourceBegin(std::int64_t first) const;
    /// Source cells that `count` neighbouring targets read.
    [[nodiscard]] std::int64_t sourceCount(std::int64_t count) const;
    [[nodiscard]] bool leavesSource() const;
};

/// One direct convolution: the forward pass, or one of the strideHeight · strideWidth phases of the
/// gradient by the input, each of which reads dy with stride 1 (performance: no zeros are
/// inserted).
struct ConvPass {
    ConvAxis y, x;
    std::int64_t sourceChannels = 1, targetChannels = 1; ///< Of all groups.
    std::int64_t groupSources = 1, groupTargets = 1;     ///< Of one group.
    std::int64_t groups = 1;

    [[nodiscard]] std::int64_t steps() const { return y.taps * x.taps * groupSources; }
    [[nodiscard]] std::int64_t panels() const; ///< Of one group.
    [[nodiscard]] bool copiesSource() const { return y.leavesSource() || x.leavesSource(); }
    /// One input channel and one output channel per group: vectors run along the channels.
    [[nodiscard]] bool channelwise() const { return groupSources == 1 && groupTargets == 1; }
};

/// How a pass is cut into tasks: blocks of images, target rows, target columns and weight panels.
struct ConvBlocks {
    std::int64_t images = 1, rows = 1, columns = 1, panels = 1;
};

/// One task's part of a pass.
struct ConvRegion {
    std::int64_t firstImage = 0, images = 0;
    std::int64_t firstRow = 0, rows = 0;
    std::int64_t firstColumn = 0, columns = 0;
};

[[nodiscard]] ConvPass forwardPass(const ConvGeometry& g);
/// Phase (phaseY, phaseX) of the gradient by the input.
[[nodiscard]] ConvPass backwardPass(const ConvGeometry& g, std::int64_t phaseY,
                                    std::int64_t phaseX);
/// Calls visit(pass, tapsBefore) for all passes of a direction in order; `tapsBefore` counts the
/// weight taps of earlier passes.
template <typename Visit>
void forEachPass(const ConvGeometry& g, ConvDirection direction, const Visit& visit) {
    if (direction == ConvDirection::Forward) {
        visit(forwardPass(g), std::int64_t{0});
        return;
    }
    std::int64_t taps = 0;
    for (std::int64_t y = 0; y < g.strideHeight; ++y) {
        for (std::int64_t x = 0; x < g.strideWidth; ++x) {
            const ConvPass pass = backwardPass(g, y, x);
            visit(pass, taps);
            taps += pass.y.taps * pass.x.taps;
        }
    }
}

/// Cuts a pass by shape and batch only: parts are large enough to be worth a task, small enough for
/// the second-level cache, and enough in number for several threads.
[[nodiscard]] ConvBlocks convBlocks(const ConvPass& pass, std::int64_t batch);

[[nodiscard]] inline std::int64_t blockCount(std::int64_t total, std::int64_t block) {
    return (total + block - 1) / block;
}

/// Floats of a region's copy of its source, with a border of zeros.
[[nodiscard]] std::int64_t localFloats(const ConvPass& pass, const ConvRegion& region);
[[nodiscard]] std::int64_t localFloats(const ConvPass& pass, const ConvBlocks& blocks);

/// Where the taps of a region's targets are.
struct LocalSource {
    const float* data = nullptr;  ///< Source of the region's first target at its lowest taps.
    std::int64_t imageStride = 0; ///< Floats from one image to the next.
    std::int64_t rowStride = 0;   ///< Floats from one source row to the next.
    std::int64_t pixelStride = 0; ///< Floats from one source pixel to the next.
};

/// Neighbouring channels of the source.
struct ChannelRange {
    std::int64_t first = 0, count = 0;
};

/// Copies the source of a region with zeros around it into `local`, or points into the source if no
/// target reads beyond its border.
[[nodiscard]] LocalSource localSource(const ConvPass& pass, const ConvRegion& region,
                                      const float* source, float* local);
/// The same for some of the channels only; `data` is that of the first of them.
[[nodiscard]] LocalSource localSource(const ConvPass& pass, const ConvRegion& region,
                                      const ChannelRange& channels, const float* source,
                                      float* local);

/// offsets[(i · taps + j) · groupSources + c]: from a target's lowest tap to what tap (i, j) reads.
void fillTapOffsets(const ConvPass& pass, std::int64_t rowStride, std::ptrdiff_t* offsets);

/// Where the targets of a region are: offsets of the first one in the result, and from one to the
/// next.
struct TargetLayout {
    std::ptrdiff_t first = 0;
    std::ptrdiff_t image = 0, row = 0, column = 0;
};
[[nodiscard]] TargetLayout targetLayout(const ConvPass& pass, const ConvRegion& region);

/// Walks over the targets of a region: image by image, row by row.
class TargetWalk {
public:
    TargetWalk(const ConvPass& pass, const ConvRegion& region, const LocalSource& local);

    [[nodiscard]] bool atEnd() const { return m_image == m_region.images; }

    /// Calls visit(i, sourceOffset, targetOffset) for the next targets, i = 0, 1, … below `limit`,
    /// and returns how many there were. Offsets count from the region's first target in the source
    /// and from the beginning of the result.
    template <typename Visit>
    std::int64_t take(std::int64_t limit, const Visit& visit) {
        std::int64_t taken = 0;
        while (taken < limit && !atEnd()) {
            const std::int64_t run = std::min(limit - taken, m_region.columns - m_column);
            for (std::int64_t i = 0; i < run; ++i) {
                visit(static_cast<std::size_t>(taken + i), m_source + i * m_sourceColumn,
                      m_target + i * m_layout.column);
            }
            taken += run;
            advance(run);
        }
        return taken;
    }

private:
    void advance(std::int64_t columns);

    ConvRegion m_region;
    std::ptrdiff_t m_sourceImage, m_sourceRow, m_sourceColumn;
    TargetLayout m_layout;
    std::int64_t m_image = 0, m_row = 0, m_column = 0;
    std::ptrdiff_t m_source = 0, m_target = 0;
};

} // namespace nn
