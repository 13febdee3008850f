#include "nn/kernels/depthwise.h"

#include "nn/kernels/channels.h"
#include "nn/kernels/scratch.h"

#include <cassert>

namespace nn {
namespace {

bool isWide(const ConvGeometry& g) {
    return g.outChannels != g.inChannels;
}

/// The same convolution over the widened input: one filter per channel.
ConvGeometry widened(ConvGeometry g) {
    g.inChannels = g.outChannels;
    g.groups = g.outChannels;
    return g;
}

std::int64_t wideFloats(const ConvGeometry& g, std::int64_t batch) {
    return isWide(g) ? batch * widened(g).inputFloats() : 0;
}

ChannelGroups groupsOf(const ConvGeometry& g, std::int64_t batch) {
    return {.cells = batch * g.inHeight * g.inWidth,
            .channels = g.inChannels,
            .multiplier = g.outChannels / g.inChannels};
}

std::int64_t planned(const ConvGeometry& g, std::int64_t batch, std::int64_t convolution) {
    Scratch scratch;
    scratch.floats(wideFloats(g, batch));
    scratch.floats(convolution);
    return scratch.needed();
}

/// The scratch of a call: the widened input and what the convolution needs.
struct Pieces {
    std::span<float> wide;
    std::span<float> convolution;
};

Pieces piecesOf(const ConvGeometry& g, std::int64_t batch, std::int64_t convolution,
                std::span<float> memory) {
    Scratch scratch(memory);
    const std::int64_t wide = wideFloats(g, batch);
    float* const first = scratch.floats(wide);
    float* const second = scratch.floats(convolution);
    return {{first, static_cast<std::size_t>(wide)},
            {second, static_cast<std::size_t>(convolution)}};
}

/// The input as the convolution reads it.
std::span<const float> widenedInput(Parallel& parallel, const ConvGeometry& g, std::int64_t batch,
                                    std::span<const float> x, std::span<float> wide) {
    if (!isWide(g)) {
        return x;
    }
    repeatChannels(parallel, groupsOf(g, batch), x, wide);
    return wide;
}

} // namespace

std::int64_t depthwiseForwardScratchFloats(const ConvGeometry& g, std::int64_t batch) {
    return planned(g, batch, convForwardScratchFloats(widened(g), batch));
}

std::int64_t depthwiseBackwardDataScratchFloats(const ConvGeometry& g, std::int64_t batch) {
    return planned(g, batch, convBackwardDataScratchFloats(widened(g), batch));
}

std::int64_t depthwiseBackwardWeightsScratchFloats(const ConvGeometry& g, std::int64_t batch) {
    return planned(g, batch, convBackwardWeightsScratchFloats(widened(g), batch));
}

void depthwiseForward(Parallel& parallel, const ConvGeometry& g, const ConvForwardArgs& args) {
    const ConvGeometry wide = widened(g);
    const Pieces pieces =
        piecesOf(g, args.batch, convForwardScratchFloats(wide, args.batch), args.scratch);
    ConvForwardArgs convolution = args;
    convolution.x = widenedInput(parallel, g, args.batch, args.x, pieces.wide);
    convolution.scratch = pieces.convolution;
    convForward(parallel, wide, convolution);
}

void depthwiseBackwardData(Parallel& parallel, const ConvGeometry& g,
                           const ConvBackwardDataArgs& args) {
    assert(args.write == Write::Assign);
    const ConvGeometry wide = widened(g);
    const Pieces pieces =
        piecesOf(g, args.batch, convBackwardDataScratchFloats(wide, args.batch), args.scratch);
    ConvBackwardDataArgs convolution = args;
    convolution.scratch = pieces.convolution;
    if (isWide(g)) {
        convolution.dx = pieces.wide;
    }
    convBackwardData(parallel, wide, convolution);
    if (isWide(g)) {
        sumChannelGroups(parallel, groupsOf(g, args.batch), pieces.wide, args.dx);
    }
}

void depthwiseBackwardWeights(Parallel& parallel, const ConvGeometry& g,
                              const ConvBackwardWeightsArgs& args) {
    const ConvGeometry wide = widened(g);
    const Pieces pieces =
        piecesOf(g, args.batch, convBackwardWeightsScratchFloats(wide, args.batch), args.scratch);
    ConvBackwardWeightsArgs convolution = args;
    convolution.x = widenedInput(parallel, g, args.batch, args.x, pieces.wide);
    convolution.scratch = pieces.convolution;
    convBackwardWeights(parallel, wide, convolution);
}

} // namespace nn
