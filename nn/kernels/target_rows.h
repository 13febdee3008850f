#pragma once

#include "nn/kernels/conv_plan.h"
#include "nn/kernels/product.h"

#include <array>
#include <cstddef>
#include <cstdint>

namespace nn {

/// Sources and results of up to `maxProductRows` targets.
class TargetRows {
public:
    /// Takes the next targets of the walk; `origin` is the offset of the first value of `target`.
    void fill(TargetWalk& walk, const float* source, float* target, std::ptrdiff_t origin) {
        m_count =
            walk.take(maxProductRows, [&](std::size_t i, std::ptrdiff_t from, std::ptrdiff_t to) {
                m_a[i] = source + from;
                m_c[i] = target + (to - origin);
            });
    }
    void move(std::int64_t sources, std::int64_t targets) {
        if (sources == 0 && targets == 0) {
            return;
        }
        for (std::size_t i = 0; i < static_cast<std::size_t>(m_count); ++i) {
            m_a[i] += sources;
            m_c[i] += targets;
        }
    }
    [[nodiscard]] ProductRows rows() const {
        return {.count = m_count, .a = m_a.data(), .c = m_c.data()};
    }

private:
    std::int64_t m_count = 0;
    std::array<const float*, maxProductRows> m_a;
    std::array<float*, maxProductRows> m_c;
};

} // namespace nn
