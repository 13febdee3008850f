#include "nn/model/graph.h"

#include "nn/base/text.h"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

namespace nn {

InnerGraph::InnerGraph(Graph graph) : m_graph(std::make_shared<const Graph>(std::move(graph))) {}

bool InnerGraph::operator==(const InnerGraph& other) const {
    const bool same = m_graph == other.m_graph;
    return same || (m_graph != nullptr && other.m_graph != nullptr && *m_graph == *other.m_graph);
}

const Node* findNode(const Graph& graph, NodeId id) {
    const auto found = std::ranges::find(graph.nodes, id, &Node::id);
    return found == graph.nodes.end() ? nullptr : &*found;
}

const Node* findNode(const Graph& graph, std::string_view name) {
    const auto found = std::ranges::find(graph.nodes, name, &Node::name);
    return found == graph.nodes.end() ? nullptr : &*found;
}

std::vector<NodeId> inputsOf(const Graph& graph, NodeId id) {
    std::vector<NodeId> inputs;
    for (const Edge& edge : graph.edges) {
        if (edge.to == id && edge.port >= 0) {
            const auto port = static_cast<std::size_t>(edge.port);
            inputs.resize(std::max(inputs.size(), port + 1), kNoNode);
            inputs[port] = edge.from;
        }
    }
    return inputs;
}

int outputCount(const Node& node) {
    return node.model ? static_cast<int>(outputsOf(*node.model).size()) : 1;
}

std::vector<Source> outputsOf(const Graph& graph) {
    std::vector<Source> outputs;
    std::vector<NodeId> busy; // sorted: a table of all would take most of the time
    for (const Source& output : graph.outputs) {
        const Node* node = findNode(graph, output.node);
        if (node != nullptr && output.output >= 0 && output.output < outputCount(*node)) {
            outputs.push_back(output);
            busy.push_back(output.node);
        }
    }
    for (const Edge& edge : graph.edges) {
        busy.push_back(edge.from);
    }
    std::ranges::sort(busy);
    for (const Node& node : graph.nodes) {
        const int count = std::ranges::binary_search(busy, node.id) ? 0 : outputCount(node);
        for (int output = 0; output < count; ++output) {
            outputs.push_back({node.id, output});
        }
    }
    return outputs;
}

NodeId layerOf(const Node& node) {
    return node.sharedWith == kNoNode ? node.id : node.sharedWith;
}

std::vector<NodeId> callsOf(const Graph& graph, NodeId layer) {
    std::vector<NodeId> calls{layer};
    for (const Node& node : graph.nodes) {
        if (node.sharedWith == layer) {
            calls.push_back(node.id);
        }
    }
    return calls;
}

std::vector<NodeId> readersOf(const Graph& graph, NodeId id) {
    std::vector<NodeId> readers;
    for (const Edge& edge : graph.edges) {
        if (edge.from == id) {
            readers.push_back(edge.to);
        }
    }
    return readers;
}

std::vector<NodeId> pathBetween(const Graph& graph, NodeId from, NodeId to) {
    // Quick where files and people put wires one after the other: nothing is read yet.
    if (from != to && std::ranges::find(graph.edges, from, &Edge::from) == graph.edges.end()) {
        return {};
    }
    std::unordered_map<NodeId, std::vector<NodeId>> readers;
    for (const Edge& edge : graph.edges) {
        readers[edge.from].push_back(edge.to);
    }
    std::unordered_map<NodeId, NodeId> cameFrom{{from, kNoNode}};
    std::vector<NodeId> pending{from};
    while (!pending.empty() && !cameFrom.contains(to)) {
        const NodeId node = pending.back();
        pending.pop_back();
        for (const NodeId reader : readers[node]) {
            if (cameFrom.emplace(reader, node).second) {
                pending.push_back(reader);
            }
        }
    }
    std::vector<NodeId> path;
    if (cameFrom.contains(to)) {
        for (NodeId node = to; node != kNoNode; node = cameFrom.at(node)) {
            path.push_back(node);
        }
        std::ranges::reverse(path);
    }
    return path;
}

bool reaches(const Graph& graph, NodeId from, NodeId to) {
    return !pathBetween(graph, from, to).empty();
}

std::string freeName(const Graph& graph, std::string_view type) {
    const std::string base = snakeCase(type);
    std::unordered_set<std::string_view> taken;
    for (const Node& node : graph.nodes) {
        taken.insert(node.name);
    }
    std::string name = base;
    for (int i = 1; taken.contains(name); ++i) {
        name = base + "_" + std::to_string(i);
    }
    return name;
}

bool isSequential(const Graph& graph) {
    const bool sharesLayers = std::ranges::any_of(
        graph.nodes, [](const Node& node) { return node.sharedWith != kNoNode; });
    if (graph.kind == GraphKind::Functional || sharesLayers || !graph.outputs.empty()) {
        return false;
    }
    if (graph.edges.size() + 1 != graph.nodes.size() && !graph.nodes.empty()) {
        return false;
    }
    const auto isOnePerNode = [&graph](NodeId Edge::*end) {
        std::vector<NodeId> nodes(graph.edges.size());
        std::ranges::transform(graph.edges, nodes.begin(), end);
        std::ranges::sort(nodes);
        return std::ranges::adjacent_find(nodes) == nodes.end();
    };
    return isOnePerNode(&Edge::from) && isOnePerNode(&Edge::to);
}

std::string modelName(const Graph& graph) {
    const bool automatic =
        graph.name.empty() || graph.name == "sequential" || graph.name == "functional";
    if (!automatic) {
        return graph.name;
    }
    return isSequential(graph) ? "sequential" : "functional";
}

} // namespace nn
