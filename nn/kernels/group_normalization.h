#pragma once

#include "nn/base/parallel.h"

#include <cstdint>
#include <span>

namespace nn {

/// How the values of a group become the factor that they are multiplied by.
enum class GroupScaling : std::uint8_t {
    Deviation,      ///< Less their mean, by 1 / √(variance + ε).
    RootMeanSquare, ///< By 1 / √(mean of squares + ε).
    Length,         ///< By 1 / √(sum of squares), at most 1 / ε.
};

/// Normalization within each sample: x is [samples][positions][channels]; a group is the values at
/// all positions of channels / groups neighbouring channels. Layer normalization of the last axis
/// has as many samples as rows, one position and one group.
struct GroupNormGeometry {
    std::int64_t samples = 1;
    std::int64_t positions = 1;
    std::int64_t channels = 1;
    std::int64_t groups = 1;
    GroupScaling scaling = GroupScaling::Deviation;
    float epsilon = 1e-3F;

    [[nodiscard]] std::int64_t sampleFloats() const { return positions * channels; }
    [[nodiscard]] std::int64_t groupFloats() const { return positions * (channels / groups); }
    bool operator==(const GroupNormGeometry&) const = default;
};

/// Floats that a forward or a backward pass needs.
[[nodiscard]] std::int64_t groupNormScratchFloats(const GroupNormGeometry& g);

struct GroupNormForwardArgs {
    std::span<const float> x = {};
    std::span<const float> gamma = {}; ///< By channel. Empty: ones.
    std::span<const float> beta = {};  ///< By channel. Empty: zeros.
    std::span<float> y = {};           ///< May be x.
    std::span<float> mean = {};   ///< [samples][groups], for the backward pass; empty: not wanted.
    std::span<float> factor = {}; ///< Likewise.
    std::span<float> scratch = {};
};
/// y = gamma (x - mean) factor + beta.
void groupNormForward(Parallel& parallel, const GroupNormGeometry& g,
                      const GroupNormForwardArgs& args);

struct GroupNormBackwardArgs {
    std::span<const float> x = {};
    std::span<const float> gamma = {};
    std::span<const float> mean = {};
    std::span<const float> factor = {};
    std::span<const float> dy = {};
    std::span<float> dx = {};     ///< Empty: not wanted. May be dy.
    std::span<float> dgamma = {}; ///< Empty: not wanted.
    std::span<float> dbeta = {};  ///< Empty: not wanted.
    std::span<float> scratch = {};
};
void groupNormBackward(Parallel& parallel, const GroupNormGeometry& g,
                       const GroupNormBackwardArgs& args);

} // namespace nn
