#pragma once

#include <cstdint>
#include <vector>

namespace nn {

/// The order in which an epoch goes through `count` samples: 0, 1, 2… or a permutation that
/// depends on the seed and the epoch only (Fisher and Yates).
[[nodiscard]] std::vector<std::int64_t> sampleOrder(std::int64_t count, std::uint64_t seed,
                                                    std::int64_t epoch);
[[nodiscard]] std::vector<std::int64_t> orderAsGiven(std::int64_t count);

} // namespace nn
