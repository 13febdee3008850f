#pragma once

#include "nn/kernels/map.h"
#include "nn/kernels/optimizer.h"

#include <array>

namespace nn {

/// The part of a variable that one task updates.
struct OptimizerPart {
    const float* gradient = nullptr;
    float* weights = nullptr;
    std::array<float*, 3> slots = {}; ///< Null for state that the rule does not keep.
    std::int64_t count = 0;
    std::int64_t index = 0; ///< Of the part in its variable.
};

/// Calls update(part) for the parts of a variable in parallel. The parts depend on the size alone.
template <typename Update>
void forEachOptimizerPart(Parallel& parallel, std::span<const float> gradient,
                          std::span<float> weights, const std::array<std::span<float>, 3>& slots,
                          const Update& update) {
    const auto total = static_cast<std::int64_t>(weights.size());
    forEachBlock(parallel, total, [&](std::int64_t first, std::int64_t count) {
        OptimizerPart part{.gradient = gradient.data() + first,
                           .weights = weights.data() + first,
                           .count = count,
                           .index = first / mapBlock};
        for (std::size_t i = 0; i < slots.size(); ++i) {
            part.slots[i] = slots[i].empty() ? nullptr : slots[i].data() + first;
        }
        update(part);
    });
}

} // namespace nn
