#include "nn/exec/arena.h"

#include "nn/tensor/tensor.h"

#include <new>

#ifdef __linux__
#include <sys/mman.h>
#endif

namespace nn {

namespace {

constexpr std::size_t kHugePage = std::size_t{2} << 20;

std::align_val_t alignmentOf(std::size_t bytes) {
    return std::align_val_t{bytes >= kHugePage ? kHugePage : kTensorAlignment};
}

} // namespace

Arena::Arena(std::size_t bytes) : m_size(bytes) {
    if (bytes == 0) {
        return;
    }
    m_data = static_cast<std::byte*>(::operator new(bytes, alignmentOf(bytes)));
#ifdef __linux__
    if (bytes >= kHugePage) {
        // Advice only: a refusal does not matter.
        static_cast<void>(::madvise(m_data, bytes, MADV_HUGEPAGE));
    }
#endif
}

Arena::~Arena() {
    if (m_data != nullptr) {
        ::operator delete(m_data, alignmentOf(m_size));
    }
}

} // namespace nn
