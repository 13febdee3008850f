#include "tests/support/huber_delta.h"

#include <cmath>

namespace tests {

double huberDelta(const nn::Outputs& outputs, const nn::Targets& targets, double loss) {
    double low = 1e-3;
    double high = 100.0;
    for (int i = 0; i < 60; ++i) {
        const double middle = 0.5 * (low + high);
        const double value =
            nn::findLossDef("huber")->make({{"delta", middle}})->value(outputs, targets);
        (value < loss ? low : high) = middle;
    }
    return std::round(high * 1000.0) / 1000.0;
}

} // namespace tests
