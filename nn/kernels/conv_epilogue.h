#pragma once

#include "nn/kernels/conv_plan.h"

namespace nn {

/// What a task has just written: some channels of a region's targets. What is done with them now
/// finds them in the cache.
struct WrittenTargets {
    const ConvPass& pass;
    const ConvRegion& region;
    std::int64_t firstChannel = 0, channels = 0;
    float* target = nullptr; ///< Of the whole result.
};

/// Gathers their moments as block number `block` of `moments` (moments.h).
void gatherTargetMoments(const WrittenTargets& written, float* moments, std::int64_t block);
/// Sets them to zero where `passed`, laid out like the result, is not positive.
void maskTargets(const WrittenTargets& written, const float* passed);

} // namespace nn
