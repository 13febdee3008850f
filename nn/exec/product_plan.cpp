#include "nn/exec/product_plan.h"

#include "nn/exec/product_kernel.h"
#include "nn/kernels/gradient_product.h"

#include <algorithm>

namespace nn {

bool ProductPlan::leavesProduct(const Network& network, std::size_t layer) const {
    const std::vector<std::size_t>& variables = network.layers()[layer].variables;
    return !variables.empty() && layers[variables[0]] == layer;
}

ProductPlan productPlan(const Network& network, const ExecutorOptions& options) {
    const std::vector<Variable>& variables = network.variables();
    ProductPlan plan{.layers = std::vector<std::optional<std::size_t>>(variables.size())};
    if (!options.leavesProducts || options.mode != RunMode::Training) {
        return plan;
    }
    std::vector<int> calls(variables.size(), 0);
    for (const NetworkLayer& layer : network.layers()) {
        for (const std::size_t variable : layer.variables) {
            ++calls[variable];
        }
    }
    for (std::size_t i = 0; i < network.layers().size(); ++i) {
        const NetworkLayer& layer = network.layers()[i];
        const auto* const kernel = dynamic_cast<const ProductKernel*>(layer.kernel.get());
        if (kernel == nullptr || calls[layer.variables[0]] != 1) {
            continue;
        }
        const Variable& weights = variables[layer.variables[0]];
        const DenseGeometry geometry = kernel->weightProduct(options.batchCapacity);
        if (weights.trainable && !weights.spec.regularizer && isLargeProduct(geometry)) {
            plan.layers[layer.variables[0]] = i;
            plan.scratchFloats =
                std::max(plan.scratchFloats, gradientProductScratchFloats(geometry));
        }
    }
    return plan;
}

} // namespace nn
