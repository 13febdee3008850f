#include "nn/exec/arena.h"

#include "nn/base/large_memory.h"

namespace nn {

Arena::Arena(std::size_t bytes)
    : m_data(bytes == 0 ? nullptr : static_cast<std::byte*>(allocateMemory(bytes))), m_size(bytes) {
}

Arena::~Arena() {
    releaseMemory(m_data);
}

} // namespace nn
