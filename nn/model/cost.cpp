#include "nn/model/cost.h"

#include "nn/base/saturated.h"

#include <algorithm>

namespace nn {
namespace {

constexpr std::int64_t kNumberBytes = 4;

std::int64_t bytesOf(const Shape& shape) {
    return saturatedProduct(shape.elements().value_or(0), kNumberBytes);
}

} // namespace

std::int64_t paramsOf(const NodeInference& facts) {
    return saturatedSum(facts.trainableParams, facts.nonTrainableParams);
}

std::int64_t paramsOf(const LayerCosts& costs) {
    return saturatedSum(costs.trainableParams, costs.nonTrainableParams);
}

void addCosts(LayerCosts& total, const LayerCosts& layer) {
    total.macs = saturatedSum(total.macs, layer.macs);
    total.flops = saturatedSum(total.flops, layer.flops);
    total.trainableParams = saturatedSum(total.trainableParams, layer.trainableParams);
    total.nonTrainableParams = saturatedSum(total.nonTrainableParams, layer.nonTrainableParams);
    total.paramBytes = saturatedSum(total.paramBytes, layer.paramBytes);
    total.activationBytes = saturatedSum(total.activationBytes, layer.activationBytes);
    total.savedBytes = saturatedSum(total.savedBytes, layer.savedBytes);
    total.workingBytes = std::max(total.workingBytes, layer.workingBytes);
}

std::int64_t NetworkCosts::trainingBytes(std::int64_t batchSize, int slots) const {
    const std::int64_t perWeight = saturatedProduct(total.trainableParams, kNumberBytes);
    const std::int64_t gradientsAndSlots = saturatedProduct(perWeight, 1 + slots);
    const std::int64_t perSample =
        saturatedSum(saturatedSum(total.activationBytes, total.savedBytes), total.workingBytes);
    return saturatedSum(saturatedSum(total.paramBytes, gradientsAndSlots),
                        saturatedProduct(perSample, batchSize));
}

std::int64_t NetworkCosts::inferenceBytes(std::int64_t batchSize) const {
    return saturatedSum(total.paramBytes, saturatedProduct(total.workingBytes, batchSize));
}

LayerCosts costsOf(NodeId id, const NodeInference& facts) {
    LayerCosts costs;
    costs.id = id;
    costs.macs = facts.cost.macs;
    costs.flops = saturatedSum(saturatedProduct(facts.cost.macs, 2), facts.cost.otherOperations);
    costs.trainableParams = facts.trainableParams;
    costs.nonTrainableParams = facts.nonTrainableParams;
    costs.paramBytes = saturatedProduct(paramsOf(facts), kNumberBytes);
    costs.activationBytes = facts.output ? bytesOf(*facts.output) : 0;
    costs.savedBytes = facts.cost.savedBytes;
    costs.workingBytes = costs.activationBytes;
    for (const Shape& input : facts.inputShapes) {
        costs.workingBytes = saturatedSum(costs.workingBytes, bytesOf(input));
    }
    return costs;
}

NetworkCosts costsOf(const Inference& inference) {
    NetworkCosts costs;
    costs.layers.reserve(inference.order.size());
    for (const NodeId id : inference.order) {
        costs.layers.push_back(costsOf(id, *inference.find(id)));
        addCosts(costs.total, costs.layers.back());
    }
    return costs;
}

} // namespace nn
