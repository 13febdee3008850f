#include "tests/support/reference_penalties.h"

#include <cmath>

namespace reference {

double activityPenalty(const LayerRun& run, const Values& output) {
    if (run.def->type != "ActivityRegularization") {
        return 0.0;
    }
    const auto factor = [&run](std::string_view name) {
        return std::get<double>(nn::paramValue(run.params, *nn::findSpec(run.def->params, name)));
    };
    double sum = 0.0;
    for (const double value : output) {
        sum += factor("l1") * std::abs(value) + factor("l2") * value * value;
    }
    return sum / static_cast<double>(run.batch);
}

} // namespace reference
