#pragma once

#include "nn/kernels/convolution.h"

namespace nn {

/// How many neighbouring results of so few filters that they leave lanes of a vector empty are
/// computed as one result with as many times the filters; 1: each by itself. The filters of a
/// bundle are the same ones moved by a pixel each, in rows that are longer by what they move.
[[nodiscard]] std::int64_t bundleOf(const ConvGeometry& g);

/// `convForward` and `convBackwardWeights` with bundles.
[[nodiscard]] std::int64_t bundledForwardScratchFloats(const ConvGeometry& g, std::int64_t batch,
                                                       ConvThreads threads);
void bundledForward(Parallel& parallel, const ConvGeometry& g, const ConvForwardArgs& args);
[[nodiscard]] std::int64_t bundledWeightsScratchFloats(const ConvGeometry& g, std::int64_t batch,
                                                       ConvThreads threads);
void bundledBackwardWeights(Parallel& parallel, const ConvGeometry& g,
                            const ConvBackwardWeightsArgs& args);

} // namespace nn
