#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

namespace benchmarks {

/// The value below which the part `share` of the values lies; 0 of none.
[[nodiscard]] inline double percentile(std::vector<double> values, double share) {
    if (values.empty()) {
        return 0.0;
    }
    std::ranges::sort(values);
    const double at = std::ceil(share * static_cast<double>(values.size())) - 1.0;
    return values[static_cast<std::size_t>(std::max(at, 0.0))];
}

[[nodiscard]] inline double median(const std::vector<double>& values) {
    return percentile(values, 0.5);
}

} // namespace benchmarks
