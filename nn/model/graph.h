#pragma once

#include "nn/model/param.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace nn {

/// Names a node for the life of its graph; never used twice.
using NodeId = std::int64_t;
inline constexpr NodeId kNoNode = 0;

struct Graph;

/// A graph inside a node: shared and never changed, equal when what it holds is equal.
class InnerGraph {
public:
    InnerGraph() = default;
    explicit InnerGraph(Graph graph);

    [[nodiscard]] explicit operator bool() const { return m_graph != nullptr; }
    [[nodiscard]] const Graph& operator*() const { return *m_graph; }
    [[nodiscard]] const Graph* operator->() const { return m_graph.get(); }
    bool operator==(const InnerGraph& other) const;

private:
    std::shared_ptr<const Graph> m_graph;
};

/// A layer as the user placed it.
struct Node {
    NodeId id = kNoNode;
    std::string type = {}; ///< Key of the registry: "Conv2D".
    std::string name = {}; ///< Unique in its graph: "conv2d_1".
    ParamMap params = {};  ///< Only what differs from the defaults.
    bool trainable = true;
    /// What is in a model inside the model (type "Sequential" or "Functional").
    InnerGraph model = {};
    /// A further call of the layer of this node: same weights, same arguments, named "dense[1]".
    NodeId sharedWith = kNoNode;
    bool operator==(const Node&) const = default;
};

/// A wire from an output of one node to input number `port` of another.
struct Edge {
    NodeId from = kNoNode;
    NodeId to = kNoNode;
    int port = 0;
    int output = 0; ///< Only models inside the model have more than one.
    bool operator==(const Edge&) const = default;
};

/// One result of a node.
struct Source {
    NodeId node = kNoNode;
    int output = 0;
    bool operator==(const Source&) const = default;
};

/// Which of Keras' two kinds of model a graph is written as.
enum class GraphKind {
    Auto,       ///< Sequential when it is a plain chain.
    Functional, ///< Functional also when it is a chain (files keep what they were).
};

/// What the user draws: a directed graph without cycles. A value; change it with `apply`.
struct Graph {
    std::string name = "sequential"; ///< The model's name in summaries and files.
    std::vector<Node> nodes = {};    ///< In the order they were made.
    std::vector<Edge> edges = {};    ///< In the order they were made.
    NodeId nextId = 1;
    GraphKind kind = GraphKind::Auto;
    /// Outputs that the wires do not tell (results that other layers read too, another order).
    std::vector<Source> outputs = {};
    bool operator==(const Graph&) const = default;
};

[[nodiscard]] const Node* findNode(const Graph& graph, NodeId id);
[[nodiscard]] const Node* findNode(const Graph& graph, std::string_view name);
/// The sources of a node's inputs, by port; ports without a wire are `kNoNode`.
[[nodiscard]] std::vector<NodeId> inputsOf(const Graph& graph, NodeId id);
/// The network's outputs: those the graph names, then every other node that nobody reads.
[[nodiscard]] std::vector<Source> outputsOf(const Graph& graph);
/// How many outputs a node has: 1, but for models inside the model.
[[nodiscard]] int outputCount(const Node& node);
/// The node whose layer this one calls: itself, or the one it shares the weights of.
[[nodiscard]] NodeId layerOf(const Node& node);
/// All calls of a layer in the order they were made, the layer itself first.
[[nodiscard]] std::vector<NodeId> callsOf(const Graph& graph, NodeId layer);
/// The nodes that read a node's output, in the order of their wires.
[[nodiscard]] std::vector<NodeId> readersOf(const Graph& graph, NodeId id);
/// True when `to` can be reached from `from` along the wires (also when they are the same).
[[nodiscard]] bool reaches(const Graph& graph, NodeId from, NodeId to);
/// The nodes on a way from one node to another, both included; empty when there is none.
[[nodiscard]] std::vector<NodeId> pathBetween(const Graph& graph, NodeId from, NodeId to);
/// Keras' automatic name for a new layer: "conv2d", then "conv2d_1", …
[[nodiscard]] std::string freeName(const Graph& graph, std::string_view type);
/// A plain chain that Keras would write as Sequential.
[[nodiscard]] bool isSequential(const Graph& graph);
/// The model's name; Keras' automatic names follow the kind: "sequential", "functional".
[[nodiscard]] std::string modelName(const Graph& graph);

} // namespace nn
