#include "nn/data/split.h"

#include "nn/base/random.h"
#include "nn/base/text.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

namespace nn::data {
namespace {

Expected<void> checkFraction(double fraction) {
    if (fraction > 0.0 && fraction < 1.0) {
        return {};
    }
    return failure(ErrorCode::Usage,
                   "The part kept for validation must be between 0 and 1 (both excluded), "
                   "received " +
                       numberText(fraction) + ". 0.2 keeps one image in five.");
}

/// A number that depends on the seed and the sample only, so other samples do not change it.
std::uint64_t rank(std::uint64_t seed, std::int64_t index) {
    const RandomKey key{.seed = seed, .purpose = RandomPurpose::Split};
    const auto block = randomBlock(key, static_cast<std::uint64_t>(index), 0);
    return (std::uint64_t{block[0]} << 32) | block[1];
}

} // namespace

Expected<Split> stratifiedSplit(std::span<const std::int32_t> labels, double fraction,
                                std::uint64_t seed) {
    const Expected<void> checked = checkFraction(fraction);
    if (!checked) {
        return tl::unexpected(checked.error());
    }
    std::map<std::int32_t, std::vector<std::pair<std::uint64_t, std::int64_t>>> classes;
    for (std::size_t i = 0; i < labels.size(); ++i) {
        const auto index = static_cast<std::int64_t>(i);
        classes[labels[i]].emplace_back(rank(seed, index), index);
    }
    Split split;
    for (auto& [label, members] : classes) {
        std::ranges::sort(members);
        const double wanted = std::round(static_cast<double>(members.size()) * fraction);
        // Every class keeps at least one image to learn from.
        const std::size_t kept =
            std::min(static_cast<std::size_t>(wanted), members.size() - std::size_t{1});
        for (std::size_t i = 0; i < members.size(); ++i) {
            (i < kept ? split.validation : split.train).push_back(members[i].second);
        }
    }
    std::ranges::sort(split.train);
    std::ranges::sort(split.validation);
    return split;
}

// Keras: split_at = floor(count · (1 − fraction)); both sides must have a sample.
Expected<Split> lastFraction(std::int64_t count, double fraction) {
    const Expected<void> checked = checkFraction(fraction);
    if (!checked) {
        return tl::unexpected(checked.error());
    }
    const auto splitAt =
        static_cast<std::int64_t>(std::floor(static_cast<double>(count) * (1.0 - fraction)));
    if (splitAt <= 0 || splitAt >= count) {
        return failure(ErrorCode::Usage,
                       "A validation split of " + numberText(fraction) + " of " +
                           withThousands(count) + " images leaves " +
                           (splitAt <= 0 ? "none to learn from" : "none to validate with") +
                           ". Use another split or more images.");
    }
    Split split;
    for (std::int64_t i = 0; i < count; ++i) {
        (i < splitAt ? split.train : split.validation).push_back(i);
    }
    return split;
}

} // namespace nn::data
