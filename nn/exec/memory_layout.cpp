#include "nn/exec/memory_layout.h"

#include "nn/base/saturated.h"
#include "nn/tensor/tensor.h"

#include <algorithm>
#include <functional>
#include <limits>
#include <numeric>

namespace nn {

std::int64_t alignedBytes(std::int64_t bytes) {
    constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
    constexpr auto alignment = static_cast<std::int64_t>(kTensorAlignment);
    return bytes > most - alignment ? most : (bytes + alignment - 1) / alignment * alignment;
}

MemoryLayout memoryLayout(const std::vector<MemoryRequest>& requests) {
    MemoryLayout layout;
    layout.blocks.resize(requests.size());
    std::vector<std::size_t> order(requests.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::stable_sort(order, std::greater{},
                             [&](std::size_t i) { return requests[i].bytes; });
    std::vector<std::size_t> placed; // By offset.
    for (const std::size_t i : order) {
        const MemoryRequest& wanted = requests[i];
        const std::int64_t bytes = alignedBytes(wanted.bytes);
        std::int64_t offset = 0;
        for (const std::size_t other : placed) {
            const MemoryBlock& block = layout.blocks[other];
            const bool together =
                requests[other].first <= wanted.last && wanted.first <= requests[other].last;
            if (together && block.offset < saturatedSum(offset, bytes)) {
                offset = std::max(offset, saturatedSum(block.offset, block.bytes));
            }
        }
        layout.blocks[i] = {offset, bytes};
        layout.bytes = std::max(layout.bytes, saturatedSum(offset, bytes));
        const auto position = std::ranges::upper_bound(
            placed, offset, {}, [&](std::size_t other) { return layout.blocks[other].offset; });
        placed.insert(position, i);
    }
    return layout;
}

} // namespace nn
