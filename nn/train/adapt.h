#pragma once

#include "nn/base/parallel.h"
#include "nn/exec/network.h"
#include "nn/exec/weights.h"
#include "nn/model/graph.h"

#include <functional>
#include <memory>
#include <span>

namespace nn {

/// Takes the inputs [batch][…] of every input layer.
using BatchVisitor =
    std::function<void(std::span<const std::span<const float>> inputs, std::int64_t batch)>;
/// Goes through the training data once.
using BatchSource = std::function<void(const BatchVisitor& visit)>;

/// A network that is going to be trained.
struct AdaptJob {
    const Graph& graph;
    std::shared_ptr<const Network> network;
    std::int64_t batchSize = 32;
};

/// Measures mean and variance of what comes into each Normalization layer that was given none and
/// has measured none yet, as Keras' `adapt` does, and puts them into its variables. Goes through
/// the data once for each of these layers.
void adaptNormalizations(const AdaptJob& job, const BatchSource& data, Weights& weights,
                         Parallel& parallel);

} // namespace nn
