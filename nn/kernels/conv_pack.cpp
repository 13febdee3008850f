#include "nn/kernels/conv_pack.h"

#include "nn/kernels/product.h"

#include <algorithm>
#include <cstring>

namespace nn {
namespace {

/// Weights of one tap: [groupInChannels][outChannels].
const float* tapWeights(const ConvGeometry& g, const ConvPass& pass, std::int64_t i, std::int64_t j,
                        const float* weights) {
    const std::int64_t row = pass.y.firstTap + i * pass.y.kernelStep;
    const std::int64_t column = pass.x.firstTap + j * pass.x.kernelStep;
    return weights + (row * g.kernelWidth + column) * (g.inChannels / g.groups) * g.outChannels;
}

/// Sources are rows of the weights: 16 neighbouring values are one row of the panel.
void packRows(const float* from, std::int64_t stride, std::int64_t rows, std::int64_t columns,
              float* to) {
    if (columns == panelColumns) {
        for (std::int64_t row = 0; row < rows; ++row) {
            std::memcpy(to + row * panelColumns, from + row * stride, panelColumns * sizeof(float));
        }
        return;
    }
    for (std::int64_t row = 0; row < rows; ++row, from += stride, to += panelColumns) {
        std::fill(std::copy_n(from, columns, to), to + panelColumns, 0.0F);
    }
}

/// Sources are columns of the weights: up to 16 rows of them become the columns of the panel.
void packColumns(const float* from, std::int64_t stride, std::int64_t rows, std::int64_t columns,
                 float* to) {
    for (std::int64_t row = 0; row < rows; ++row, ++from, to += panelColumns) {
        for (std::int64_t column = 0; column < columns; ++column) {
            to[column] = from[column * stride];
        }
        std::fill(to + columns, to + panelColumns, 0.0F);
    }
}

void packPanel(const ConvGeometry& g, ConvDirection direction, const ConvPass& pass,
               std::int64_t group, std::int64_t panel, const float* weights, float* to) {
    const std::int64_t first = panel * panelColumns;
    const std::int64_t columns = std::min(panelColumns, pass.groupTargets - first);
    for (std::int64_t tap = 0; tap < pass.y.taps * pass.x.taps; ++tap) {
        const float* const from =
            tapWeights(g, pass, tap / pass.x.taps, tap % pass.x.taps, weights);
        if (direction == ConvDirection::Forward) {
            packRows(from + group * pass.groupTargets + first, g.outChannels, pass.groupSources,
                     columns, to);
        } else {
            packColumns(from + first * g.outChannels + group * pass.groupSources, g.outChannels,
                        pass.groupSources, columns, to);
        }
        to += pass.groupSources * panelColumns;
    }
}

} // namespace

std::int64_t packedTapFloats(const ConvPass& pass) {
    return pass.channelwise() ? pass.targetChannels
                              : pass.groups * pass.panels() * pass.groupSources * panelColumns;
}

std::int64_t packedFloats(const ConvGeometry& g, ConvDirection direction) {
    const ConvPass pass =
        direction == ConvDirection::Forward ? forwardPass(g) : backwardPass(g, 0, 0);
    return g.kernelHeight * g.kernelWidth * packedTapFloats(pass);
}

void packWeights(Parallel& parallel, const ConvGeometry& g, ConvDirection direction,
                 std::span<const float> weights, float* packed) {
    const ConvPass any =
        direction == ConvDirection::Forward ? forwardPass(g) : backwardPass(g, 0, 0);
    const auto packGroupPanel = [&](std::int64_t task, int) {
        forEachPass(g, direction, [&](const ConvPass& pass, std::int64_t tapsBefore) {
            float* const to =
                packed + tapsBefore * packedTapFloats(pass) + task * pass.steps() * panelColumns;
            packPanel(g, direction, pass, task / pass.panels(), task % pass.panels(),
                      weights.data(), to);
        });
    };
    const auto packChannels = [&](std::int64_t, int) {
        forEachPass(g, direction, [&](const ConvPass& pass, std::int64_t tapsBefore) {
            float* to = packed + tapsBefore * pass.targetChannels;
            for (std::int64_t tap = 0; tap < pass.y.taps * pass.x.taps; ++tap) {
                to = std::copy_n(
                    tapWeights(g, pass, tap / pass.x.taps, tap % pass.x.taps, weights.data()),
                    pass.targetChannels, to);
            }
        });
    };
    if (any.channelwise()) {
        parallel.run(1, packChannels);
    } else {
        parallel.run(any.groups * any.panels(), packGroupPanel);
    }
}

void packBias(const ConvPass& pass, std::span<const float> bias, float* packed) {
    const float* from = bias.data();
    for (std::int64_t group = 0; group < pass.groups; ++group) {
        float* const end = packed + pass.panels() * panelColumns;
        std::fill(std::copy_n(from, pass.groupTargets, packed), end, 0.0F);
        from += pass.groupTargets;
        packed = end;
    }
}

} // namespace nn
