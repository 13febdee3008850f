#include "nn/kernels/channels.h"

#include "nn/kernels/map.h"
#include "nn/kernels/rows.h"

#include <algorithm>
#include <numeric>

namespace nn {
namespace {

constexpr std::int64_t kRowsPerBlock = 2048;
constexpr std::int64_t kMostBlocks = 64;

std::int64_t rowBlocks(std::int64_t rows) {
    return std::clamp<std::int64_t>(rows / kRowsPerBlock, 1, kMostBlocks);
}

/// Calls body(narrow, wide, m) for runs of values; with M known at compile time for the usual
/// multipliers, so that the inner loop is unrolled.
template <typename Body>
void forMultiplier(std::int64_t multiplier, const Body& body) {
    switch (multiplier) {
    case 2:
        body([] { return std::int64_t{2}; });
        return;
    case 3:
        body([] { return std::int64_t{3}; });
        return;
    case 4:
        body([] { return std::int64_t{4}; });
        return;
    default:
        body([multiplier] { return multiplier; });
    }
}

} // namespace

void repeatChannels(Parallel& parallel, const ChannelGroups& g, std::span<const float> narrow,
                    std::span<float> wide) {
    forEachBlock(parallel, g.cells * g.channels, [&](std::int64_t first, std::int64_t count) {
        forMultiplier(g.multiplier, [&](const auto& multiplier) {
            const std::int64_t copies = multiplier();
            float* to = wide.data() + first * copies;
            for (const float value :
                 narrow.subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(count))) {
                to = std::fill_n(to, copies, value);
            }
        });
    });
}

void sumChannelGroups(Parallel& parallel, const ChannelGroups& g, std::span<const float> wide,
                      std::span<float> narrow) {
    forEachBlock(parallel, g.cells * g.channels, [&](std::int64_t first, std::int64_t count) {
        forMultiplier(g.multiplier, [&](const auto& multiplier) {
            const std::int64_t copies = multiplier();
            const float* from = wide.data() + first * copies;
            for (float& sum :
                 narrow.subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(count))) {
                sum = std::accumulate(from, from + copies, 0.0F);
                from += copies;
            }
        });
    });
}

std::int64_t sumToChannelsScratchFloats(std::int64_t rows, std::int64_t channels) {
    return rowBlocks(rows) * channels;
}

void sumToChannels(Parallel& parallel, std::int64_t rows, std::span<const float> x,
                   std::span<float> totals, std::span<float> scratch) {
    const auto channels = static_cast<std::int64_t>(totals.size());
    const std::int64_t blocks = rowBlocks(rows);
    parallel.run(blocks, [&](std::int64_t block, int) {
        const std::int64_t first = rows * block / blocks;
        sumRows({.x = x.data() + first * channels,
                 .count = rows * (block + 1) / blocks - first,
                 .stride = channels,
                 .columns = channels,
                 .totals = scratch.data() + block * channels});
    });
    sumRows({.x = scratch.data(),
             .count = blocks,
             .stride = channels,
             .columns = channels,
             .totals = totals.data()});
}

} // namespace nn
