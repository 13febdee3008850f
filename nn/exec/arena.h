#pragma once

#include <cstddef>
#include <span>

namespace nn {

/// One large block of uninitialised memory, aligned for vectors; large ones ask for huge pages.
class Arena {
public:
    Arena() = default;
    /// Throws std::bad_alloc when memory is short.
    explicit Arena(std::size_t bytes);
    ~Arena();
    Arena(const Arena&) = delete;
    Arena& operator=(const Arena&) = delete;

    [[nodiscard]] std::byte* data() const { return m_data; }
    [[nodiscard]] std::size_t size() const { return m_size; }

private:
    std::byte* m_data = nullptr;
    std::size_t m_size = 0;
};

} // namespace nn
