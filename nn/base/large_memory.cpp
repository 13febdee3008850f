#include "nn/base/large_memory.h"

#include <cstdlib>
#include <new>

#ifdef __linux__
#include <sys/mman.h>
#endif

namespace nn {

void* allocateMemory(std::size_t bytes) {
    const std::size_t alignment = bytes >= kHugePage ? kHugePage : kMemoryAlignment;
    const std::size_t whole = (bytes + kMemoryAlignment - 1) / kMemoryAlignment * kMemoryAlignment;
    void* memory = nullptr;
    if (whole < bytes || posix_memalign(&memory, alignment, whole) != 0) {
        throw std::bad_alloc();
    }
#ifdef __linux__
    if (bytes >= kHugePage) {
        // Advice only: a refusal does not matter.
        static_cast<void>(::madvise(memory, bytes, MADV_HUGEPAGE));
    }
#endif
    return memory;
}

void releaseMemory(void* memory) {
    std::free(memory);
}

} // namespace nn
