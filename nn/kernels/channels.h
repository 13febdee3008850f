#pragma once

#include "nn/base/parallel.h"

#include <cstdint>
#include <span>

namespace nn {

/// Values [cells][channels], each channel standing for `multiplier` neighbouring ones in the wide
/// form [cells][channels · multiplier].
struct ChannelGroups {
    std::int64_t cells = 1;
    std::int64_t channels = 1;
    std::int64_t multiplier = 1;
};

/// wide[cell][c · multiplier + j] = narrow[cell][c].
void repeatChannels(Parallel& parallel, const ChannelGroups& g, std::span<const float> narrow,
                    std::span<float> wide);

/// narrow[cell][c] = Σ_j wide[cell][c · multiplier + j].
void sumChannelGroups(Parallel& parallel, const ChannelGroups& g, std::span<const float> wide,
                      std::span<float> narrow);

/// totals[c] = Σ_row x[row][c]: the gradient of a bias. The same bits for any number of threads.
void sumToChannels(Parallel& parallel, std::int64_t rows, std::span<const float> x,
                   std::span<float> totals, std::span<float> scratch);
[[nodiscard]] std::int64_t sumToChannelsScratchFloats(std::int64_t rows, std::int64_t channels);

} // namespace nn
