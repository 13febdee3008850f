#pragma once

#include "nn/kernels/conv_plan.h"

namespace nn {

/// Whether a pass is done in strips (strip.h): stride 1 and neighbouring taps along the rows, which
/// are long enough.
[[nodiscard]] bool usesStrips(const ConvPass& pass);

/// A region's targets and some panels of each group.
struct StripJob {
    const ConvPass& pass;
    const ConvRegion& region;
    const LocalSource& local;
    const float* packed = nullptr; ///< As `packWeights` gives them for this pass.
    const float* bias = nullptr;   ///< As `packBias` gives it; null: none.
    float* target = nullptr;       ///< The region's first target.
    std::int64_t firstPanel = 0, panels = 0;
    bool add = false;
    bool relu = false;
};
void runStrips(const StripJob& job);

/// The same for the gradient by the weights.
[[nodiscard]] bool usesGradientStrips(const ConvPass& pass);

/// What a region adds to the gradient of some channels' weights; of all of them if there are
/// groups.
struct GradientStripJob {
    const ConvPass& pass; ///< Forward.
    const ConvRegion& region;
    const LocalSource& local; ///< Of the channels.
    const ChannelRange& channels;
    const float* dy = nullptr; ///< Of all images.
    /// For a copy of dy in panels of `maxReductionSteps` pixels; null: dy is read in place, for
    /// which the filters must be multiples of 16.
    float* packed = nullptr;
    float* dw = nullptr; ///< Of all channels.
};
void addGradientStrips(const GradientStripJob& job);

/// Whether the gradient by the weights of a forward pass is summed as a whole (patch_gradient.h).
[[nodiscard]] bool usesPatchGradient(const ConvPass& pass);
/// What a region adds to it and to the gradient by the bias (null: not wanted).
void addPatches(const ConvPass& pass, const ConvRegion& region, const LocalSource& local,
                const float* dy, float* dw, float* db);

} // namespace nn
