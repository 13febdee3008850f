#include "app/totals.h"

#include "nn/model/cost.h"

#include <algorithm>

namespace app {

Totals totalsOf(const nn::Inference& inference) {
    Totals totals;
    nn::LayerCosts sum;
    for (const auto& [id, node] : inference.nodes) {
        ++totals.layers;
        nn::addCosts(sum, nn::costsOf(id, *node));
    }
    totals.params = nn::paramsOf(sum);
    totals.trainableParams = sum.trainableParams;
    totals.macs = sum.macs;
    totals.activationBytes = sum.activationBytes;
    totals.errors = static_cast<int>(
        std::ranges::count(inference.diagnostics, nn::Severity::Error, &nn::Diagnostic::severity));
    return totals;
}

} // namespace app
