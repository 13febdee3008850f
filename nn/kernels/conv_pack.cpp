#include "nn/kernels/conv_pack.h"

#include "nn/kernels/pack.h"
#include "nn/kernels/product.h"

#include <algorithm>

namespace nn {
namespace {

/// Weights of one tap: [groupInChannels][outChannels].
const float* tapWeights(const ConvGeometry& g, const ConvPass& pass, std::int64_t i, std::int64_t j,
                        const float* weights) {
    const std::int64_t row = pass.y.firstTap + i * pass.y.kernelStep;
    const std::int64_t column = pass.x.firstTap + j * pass.x.kernelStep;
    return weights + (row * g.kernelWidth + column) * (g.inChannels / g.groups) * g.outChannels;
}

/// All taps of 16 targets of a group.
void packTargets(const ConvGeometry& g, ConvDirection direction, const ConvPass& pass,
                 std::int64_t group, std::int64_t panel, const float* weights, float* to) {
    const std::int64_t first = panel * panelColumns;
    const std::int64_t columns = std::min(panelColumns, pass.groupTargets - first);
    for (std::int64_t tap = 0; tap < pass.y.taps * pass.x.taps; ++tap) {
        const float* const from =
            tapWeights(g, pass, tap / pass.x.taps, tap % pass.x.taps, weights);
        if (direction == ConvDirection::Forward) {
            packPanel({.from = from + group * pass.groupTargets + first,
                       .stride = g.outChannels,
                       .rows = pass.groupSources,
                       .columns = columns},
                      to);
        } else {
            packPanelTransposed({.from = from + first * g.outChannels + group * pass.groupSources,
                                 .stride = g.outChannels,
                                 .rows = pass.groupSources,
                                 .columns = columns},
                                to);
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
            packTargets(g, direction, pass, task / pass.panels(), task % pass.panels(),
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
