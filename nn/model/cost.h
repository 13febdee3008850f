#pragma once

#include "nn/model/infer.h"

namespace nn {

/// What one layer costs. Counts are for one sample; a number has 4 bytes. All counts stay at the
/// largest number where they would overflow.
struct LayerCosts {
    NodeId id = kNoNode;
    std::int64_t macs = 0;  ///< Multiply–accumulates of the forward pass.
    std::int64_t flops = 0; ///< 2 per MAC, and the operations of layers without MACs.
    std::int64_t trainableParams = 0;
    std::int64_t nonTrainableParams = 0;
    std::int64_t paramBytes = 0;
    std::int64_t activationBytes = 0; ///< Its output.
    std::int64_t savedBytes = 0;      ///< Kept for the backward pass besides the output.
    std::int64_t workingBytes = 0;    ///< Its inputs and its output, which it needs at once.
    bool operator==(const LayerCosts&) const = default;
};

/// What a network costs. Layers whose shape is not known count nothing.
struct NetworkCosts {
    std::vector<LayerCosts> layers; ///< In topological order.
    LayerCosts total;               ///< Sums; `workingBytes` is the largest of a layer.

    /// Weights, gradients and `slots` numbers of optimizer state per trainable weight; all
    /// activations and what is saved with them; the gradients of the layer at work. A forecast by
    /// formula: the executor's plan shares memory and is smaller.
    [[nodiscard]] std::int64_t trainingBytes(std::int64_t batchSize, int slots) const;
    /// Weights, and the inputs and output of the layer at work.
    [[nodiscard]] std::int64_t inferenceBytes(std::int64_t batchSize) const;
};

/// Weights of a layer, trained or not.
[[nodiscard]] std::int64_t paramsOf(const NodeInference& facts);
[[nodiscard]] std::int64_t paramsOf(const LayerCosts& costs);
/// Adds a layer to a total; of `workingBytes` the larger one stays.
void addCosts(LayerCosts& total, const LayerCosts& layer);
[[nodiscard]] LayerCosts costsOf(NodeId id, const NodeInference& facts);
[[nodiscard]] NetworkCosts costsOf(const Inference& inference);

} // namespace nn
