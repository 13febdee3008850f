#include "nn/model/calls.h"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

namespace nn {
namespace {

/// Keras counts calls from 0: the layer itself is the first.
std::string callName(const std::string& layer, std::size_t call,
                     const std::unordered_set<std::string>& taken) {
    std::string name = layer + "[" + std::to_string(call) + "]";
    while (taken.contains(name)) {
        name += "'";
    }
    return name;
}

} // namespace

void matchCalls(Graph& graph) {
    const auto isCall = [](const Node& node) { return node.sharedWith != kNoNode; };
    if (std::ranges::none_of(graph.nodes, isCall)) {
        return;
    }
    std::unordered_set<std::string> taken;
    for (const Node& node : graph.nodes) {
        if (!isCall(node)) {
            taken.insert(node.name);
        }
    }
    std::unordered_map<NodeId, std::size_t> calls;
    for (Node& node : graph.nodes) {
        const Node* layer = isCall(node) ? findNode(graph, node.sharedWith) : nullptr;
        if (layer == nullptr) {
            continue;
        }
        Node call = *layer;
        call.id = node.id;
        call.sharedWith = node.sharedWith;
        call.name = callName(layer->name, ++calls[layer->id], taken);
        taken.insert(call.name);
        node = std::move(call);
    }
}

void passOnLayer(Graph& graph, NodeId id) {
    const std::vector<NodeId> calls = callsOf(graph, id);
    if (calls.size() < 2) {
        return;
    }
    const std::string name = findNode(graph, id)->name;
    for (Node& node : graph.nodes) {
        if (node.id == calls[1]) {
            node.sharedWith = kNoNode;
            node.name = name;
        } else if (node.sharedWith == id) {
            node.sharedWith = calls[1];
        }
    }
}

} // namespace nn
