#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <new>
#include <span>

namespace nn {

/// Hands out aligned pieces of a scratch span in order; without a span it only counts, so that one
/// function both plans and uses the memory.
class Scratch {
public:
    Scratch() = default;
    explicit Scratch(std::span<float> memory) : m_memory(memory) {
        const auto address = reinterpret_cast<std::uintptr_t>(memory.data());
        m_used = static_cast<std::int64_t>((alignment - address % alignment) % alignment /
                                           sizeof(float));
        m_counts = false;
    }

    /// `count` floats at a 64-byte boundary; null while counting.
    float* floats(std::int64_t count) {
        float* const piece = m_counts ? nullptr : m_memory.data() + m_used;
        m_used += (count + alignmentFloats - 1) / alignmentFloats * alignmentFloats;
        assert(m_counts || m_used <= static_cast<std::int64_t>(m_memory.size()) + alignmentFloats);
        return piece;
    }

    /// `count` offsets in the same memory.
    std::ptrdiff_t* offsets(std::int64_t count) {
        static_assert(sizeof(std::ptrdiff_t) <= 2 * sizeof(float));
        float* const piece = floats(2 * count);
        return piece == nullptr ? nullptr
                                : ::new (piece) std::ptrdiff_t[static_cast<std::size_t>(count)];
    }

    /// `count` doubles in the same memory.
    double* doubles(std::int64_t count) {
        float* const piece = floats(2 * count);
        return piece == nullptr ? nullptr : ::new (piece) double[static_cast<std::size_t>(count)];
    }

    /// Floats to plan for what was handed out, wherever the span will begin.
    [[nodiscard]] std::int64_t needed() const { return m_used + alignmentFloats; }

private:
    static constexpr std::size_t alignment = 64;
    static constexpr std::int64_t alignmentFloats = alignment / sizeof(float);

    std::span<float> m_memory;
    std::int64_t m_used = 0;
    bool m_counts = true;
};

} // namespace nn
