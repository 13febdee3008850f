#pragma once

#include "nn/train/loss.h"

#include <optional>

namespace nn {

/// Which of several sums each output belongs to when some axes of [batch][…] are summed over.
class AxisGroups {
public:
    /// `axes` count from 0 for the batch, or from the end when negative; nothing: all axes.
    AxisGroups(const Outputs& outputs, const std::optional<std::vector<std::int64_t>>& axes);

    [[nodiscard]] std::size_t count() const { return m_count; }
    /// The group of the output number `index`.
    [[nodiscard]] std::size_t operator()(std::size_t index) const {
        std::size_t group = 0;
        for (const Kept& axis : m_kept) {
            group += index / axis.stride % axis.extent * axis.groupStride;
        }
        return group;
    }

private:
    /// An axis that is not summed over.
    struct Kept {
        std::size_t extent = 1;
        std::size_t stride = 1;
        std::size_t groupStride = 1;
    };
    std::vector<Kept> m_kept;
    std::size_t m_count = 1;
};

} // namespace nn
