#include "nn/train/losses/axis_groups.h"

#include <algorithm>

namespace nn {

AxisGroups::AxisGroups(const Outputs& outputs,
                       const std::optional<std::vector<std::int64_t>>& axes) {
    std::vector<std::int64_t> shape{outputs.samples()};
    if (outputs.extents.empty()) {
        shape.push_back(outputs.width);
    } else {
        shape.insert(shape.end(), outputs.extents.begin(), outputs.extents.end());
    }
    const auto rank = static_cast<std::int64_t>(shape.size());
    const auto isSummed = [&](std::int64_t axis) {
        return !axes || std::ranges::any_of(*axes, [&](std::int64_t each) {
            return (each < 0 ? each + rank : each) == axis;
        });
    };
    std::size_t stride = 1;
    for (std::int64_t axis = rank; axis-- > 0;) {
        const auto extent = static_cast<std::size_t>(shape[static_cast<std::size_t>(axis)]);
        if (!isSummed(axis)) {
            m_kept.push_back({.extent = extent, .stride = stride, .groupStride = m_count});
            m_count *= extent;
        }
        stride *= extent;
    }
}

} // namespace nn
