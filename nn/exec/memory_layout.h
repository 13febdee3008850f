#pragma once

#include <cstdint>
#include <vector>

namespace nn {

/// A piece of an arena. Pieces whose lives do not overlap may share memory.
struct MemoryBlock {
    std::int64_t offset = 0; ///< In bytes, a multiple of 64.
    std::int64_t bytes = 0;
    bool operator==(const MemoryBlock&) const = default;
};

/// A block wanted from step `first` to step `last`, both included.
struct MemoryRequest {
    std::int64_t bytes = 0;
    std::int64_t first = 0;
    std::int64_t last = 0;
};
/// Places requests so that those alive at the same step do not overlap: largest first, each at the
/// lowest free offset. Returns the blocks in the order of the requests and the size of the arena.
struct MemoryLayout {
    std::vector<MemoryBlock> blocks;
    std::int64_t bytes = 0;
};
[[nodiscard]] MemoryLayout memoryLayout(const std::vector<MemoryRequest>& requests);

/// The next multiple of 64; sizes beyond 63 bits saturate.
[[nodiscard]] std::int64_t alignedBytes(std::int64_t bytes);

} // namespace nn
