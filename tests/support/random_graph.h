#pragma once

#include "nn/model/graph.h"
#include "tests/support/kernel_cases.h"

#include <optional>
#include <string>

/// Networks drawn at random from all registered layers, small enough to run thousands of them.
namespace tests {

/// A valid network of up to 40 layers: every definition accepts its place in it.
[[nodiscard]] nn::Graph randomGraph(kernel_cases::Dice& dice);

/// A network spoilt in one place.
struct SpoiltGraph {
    nn::Graph graph;
    nn::NodeId node = nn::kNoNode; ///< Where the fault lies.
    bool isLoop = false;           ///< Then any node on the loop may be blamed.
    std::string what = {};
};
/// Cuts a wire, draws a loop, names an unknown class, gives a layer an input or an argument that
/// does not suit it, or an Input layer an impossible shape. Nothing if the dice found no place.
[[nodiscard]] std::optional<SpoiltGraph> spoiltGraph(const nn::Graph& graph,
                                                     kernel_cases::Dice& dice);

/// One line per node, for messages.
[[nodiscard]] std::string description(const nn::Graph& graph);

} // namespace tests
