#pragma once

#include "nn/kernels/convolution.h"

namespace nn {

/// Depthwise convolution: a `ConvGeometry` whose groups are the input channels; each has
/// outChannels / inChannels filters. Weights are Keras' [kernelHeight][kernelWidth][inChannels]
/// [multiplier]. Vectors run along the channels; with several filters per channel the input is
/// widened first, so that they still do.
[[nodiscard]] std::int64_t depthwiseForwardScratchFloats(const ConvGeometry& g, std::int64_t batch);
[[nodiscard]] std::int64_t depthwiseBackwardDataScratchFloats(const ConvGeometry& g,
                                                              std::int64_t batch);
[[nodiscard]] std::int64_t depthwiseBackwardWeightsScratchFloats(const ConvGeometry& g,
                                                                 std::int64_t batch);

void depthwiseForward(Parallel& parallel, const ConvGeometry& g, const ConvForwardArgs& args);
/// `Write::Assign` only.
void depthwiseBackwardData(Parallel& parallel, const ConvGeometry& g,
                           const ConvBackwardDataArgs& args);
void depthwiseBackwardWeights(Parallel& parallel, const ConvGeometry& g,
                              const ConvBackwardWeightsArgs& args);

} // namespace nn
