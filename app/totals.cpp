#include "app/totals.h"

#include <algorithm>

namespace app {

std::int64_t activationBytes(const nn::NodeInference& node) {
    const auto count = node.output ? node.output->elements() : std::nullopt;
    return count ? nn::checkedProduct(*count, sizeof(float)).value_or(0) : 0;
}

Totals totalsOf(const nn::Inference& inference) {
    Totals totals;
    for (const auto& [id, node] : inference.nodes) {
        ++totals.layers;
        totals.params += node->trainableParams + node->nonTrainableParams;
        totals.trainableParams += node->trainableParams;
        totals.macs += node->cost.macs;
        totals.activationBytes += activationBytes(*node);
    }
    totals.errors = static_cast<int>(
        std::ranges::count(inference.diagnostics, nn::Severity::Error, &nn::Diagnostic::severity));
    return totals;
}

} // namespace app
