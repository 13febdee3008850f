#pragma once

#include <cstddef>

namespace nn {

/// Where all numbers start: one cache line, one AVX-512 vector.
inline constexpr std::size_t kMemoryAlignment = 64;
/// Blocks from this size on start at a huge page, and the system is asked to use such pages for
/// them: going through memory then misses no page tables.
inline constexpr std::size_t kHugePage = std::size_t{2} << 20;

/// Uninitialised memory for numbers. Throws std::bad_alloc when memory is short.
[[nodiscard]] void* allocateMemory(std::size_t bytes);
void releaseMemory(void* memory);

} // namespace nn
