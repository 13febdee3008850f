#pragma once

#include "nn/model/graph.h"

namespace nn {

/// The layers in the order Keras keeps them (`model.layers`): along the chain of a Sequential
/// model; by decreasing distance from the outputs in a Functional one, ties in the order in which a
/// walk back from the outputs meets them.
struct KerasOrder {
    std::vector<NodeId> layers;
    /// One layer per distance and one input per layer: Keras prints no "Connected to".
    bool isChain = false;
};

[[nodiscard]] KerasOrder kerasOrder(const Graph& graph);

} // namespace nn
