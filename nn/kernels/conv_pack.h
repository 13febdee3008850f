#pragma once

#include "nn/kernels/conv_plan.h"

#include <span>

namespace nn {

/// Floats of the weights of all passes, packed.
[[nodiscard]] std::int64_t packedFloats(const ConvGeometry& g, ConvDirection direction);
/// Of one weight tap, for finding a pass among the packed weights.
[[nodiscard]] std::int64_t packedTapFloats(const ConvPass& pass);

/// Packs the weights of all passes in parallel: [pass][group][panel][tap][source][16 targets]; for
/// channelwise passes [pass][tap][channel].
void packWeights(Parallel& parallel, const ConvGeometry& g, ConvDirection direction,
                 std::span<const float> weights, float* packed);

/// The bias padded with zeros: [group][panel][16].
void packBias(const ConvPass& pass, std::span<const float> bias, float* packed);

} // namespace nn
