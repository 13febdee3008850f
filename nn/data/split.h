#pragma once

#include "nn/base/error.h"

#include <cstdint>
#include <span>
#include <vector>

namespace nn::data {

/// Indices to learn from and indices kept apart, both ascending.
struct Split {
    std::vector<std::int64_t> train;
    std::vector<std::int64_t> validation;

    bool operator==(const Split&) const = default;
};

/// Keeps `fraction` of every class apart; depends on seed, labels and order only.
[[nodiscard]] Expected<Split> stratifiedSplit(std::span<const std::int32_t> labels, double fraction,
                                              std::uint64_t seed);

/// Keras' validation_split: the last `fraction` of the samples, before any shuffling.
[[nodiscard]] Expected<Split> lastFraction(std::int64_t count, double fraction);

} // namespace nn::data
