#include "nn/train/sample_order.h"

#include "nn/base/random.h"

#include <numeric>
#include <utility>

namespace nn {

std::vector<std::int64_t> orderAsGiven(std::int64_t count) {
    std::vector<std::int64_t> order(static_cast<std::size_t>(count));
    std::iota(order.begin(), order.end(), std::int64_t{0});
    return order;
}

std::vector<std::int64_t> sampleOrder(std::int64_t count, std::uint64_t seed, std::int64_t epoch) {
    std::vector<std::int64_t> order = orderAsGiven(count);
    RandomSequence random({.seed = seed, .purpose = RandomPurpose::Shuffle},
                          static_cast<std::uint64_t>(epoch));
    for (std::size_t left = order.size(); left > 1; --left) {
        std::swap(order[left - 1], order[random.below(left)]);
    }
    return order;
}

} // namespace nn
