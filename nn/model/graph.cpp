#include "nn/model/graph.h"

#include "nn/base/text.h"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

namespace nn {

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
    if (graph.kind == GraphKind::Functional) {
        return false;
    }
    std::unordered_set<NodeId> read;
    std::unordered_set<NodeId> reading;
    for (const Edge& edge : graph.edges) {
        if (!read.insert(edge.from).second || !reading.insert(edge.to).second) {
            return false;
        }
    }
    return graph.edges.size() + 1 == graph.nodes.size() || graph.nodes.empty();
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
