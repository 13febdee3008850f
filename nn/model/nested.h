#pragma once

#include "nn/model/infer.h"

namespace nn {

/// Models inside models inside models: no one needs more, and no file may exhaust the stack.
inline constexpr int kDeepestModels = 16;

/// How many wires a node takes: a model inside the model as many as it has inputs; an unknown class
/// (a file of a newer version) any number, so that its wires are kept.
[[nodiscard]] Arity arityOf(const Node& node);

/// The graph of a model as it is called: its Input layers have the shapes that come in. A chain
/// without an Input layer gets one.
[[nodiscard]] tl::expected<Graph, LayerProblem> modelAsCalled(const Graph& model,
                                                              std::span<const Shape> inputs);

/// What is known about a node that holds a model, from what is known inside: shapes, weights, cost.
/// The problem is the first one inside.
[[nodiscard]] std::optional<LayerProblem> describeModel(const Node& node, NodeInference& facts);

/// A network with its models put in place of the nodes that hold them: what runs.
struct InlinedGraph {
    /// Nodes from inside a model are named by their path ("tower/conv2d") and have negative ids
    /// that depend on the ids on that path only.
    Graph graph;
    /// The nodes that give the results of each node of the original graph.
    std::unordered_map<NodeId, std::vector<NodeId>> results;
    /// Layers with variables, each once, in Keras' order of weights.
    std::vector<NodeId> layers;
};

/// Whether a graph has a model inside.
[[nodiscard]] bool holdsModels(const Graph& graph);
/// Everything must have a shape.
[[nodiscard]] InlinedGraph inlined(const Graph& graph, const Inference& inference);

} // namespace nn
