#include "nn/model/edit.h"

#include "nn/base/text.h"
#include "nn/model/calls.h"
#include "nn/model/nested.h"
#include "nn/model/registry.h"
#include "nn/model/wiring.h"

#include <algorithm>

namespace nn {
namespace {

using Step = Expected<void>;

constexpr std::size_t kLongestName = 256;

tl::unexpected<Error> refused(std::string message) {
    return failure(ErrorCode::Usage, std::move(message));
}

Node* nodeOf(Graph& graph, NodeId id) {
    const auto found = std::ranges::find(graph.nodes, id, &Node::id);
    return found == graph.nodes.end() ? nullptr : &*found;
}

tl::unexpected<Error> noSuchNode(NodeId id) {
    return refused("there is no layer with number " + std::to_string(id) + " in this network");
}

std::string quoted(const Graph& graph, NodeId id) {
    const Node* node = findNode(graph, id);
    return node == nullptr ? "number " + std::to_string(id) : "'" + node->name + "'";
}

bool takesAnyNumber(const Arity& arity) {
    return arity.max > arity.min;
}

Step checkName(const Graph& graph, std::string_view name, NodeId self) {
    if (trimmed(name).empty()) {
        return refused("a layer needs a name of at least one letter");
    }
    const bool clean = std::ranges::none_of(
        name, [](char c) { return c == '/' || static_cast<unsigned char>(c) < ' '; });
    if (!clean || name.size() > kLongestName) {
        return refused("the name of a layer may have up to 256 characters, no '/' and no line "
                       "breaks; received '" +
                       std::string(name.substr(0, 80)) + "'");
    }
    const Node* other = findNode(graph, name);
    if (other != nullptr && other->id != self) {
        return refused("the name '" + std::string(name) +
                       "' is taken by another layer; choose a different one");
    }
    return {};
}

std::string unknownType(std::string_view type) {
    std::vector<std::string> types;
    for (const LayerDef& def : layerDefs()) {
        types.push_back(def.type);
    }
    std::string message = "there is no layer class '" + std::string(type) + "'";
    if (const auto meant = nearest(type, types)) {
        message += ". Did you mean '" + *meant + "'?";
    }
    return message;
}

/// Takes one wire out. A layer with any number of inputs closes the gap, as long as it keeps as
/// many wires as it needs.
void removeWire(Graph& graph, const Edge& wire) {
    std::erase(graph.edges, wire);
    const Node* reader = findNode(graph, wire.to);
    if (reader == nullptr) {
        return;
    }
    const Arity arity = arityOf(*reader);
    const auto left = std::ranges::count(graph.edges, wire.to, &Edge::to);
    if (!takesAnyNumber(arity) || left < arity.min) {
        return;
    }
    for (Edge& edge : graph.edges) {
        if (edge.to == wire.to && edge.port > wire.port) {
            --edge.port;
        }
    }
}

bool isTaken(const Graph& graph, NodeId node, int port) {
    return std::ranges::any_of(graph.edges, [node, port](const Edge& edge) {
        return edge.to == node && edge.port == port;
    });
}

/// The port a wire goes to: the one asked for, or the first free one. Layers with any number of
/// inputs have their wires side by side.
Expected<int> portFor(const Graph& graph, const Node& node, int asked) {
    const Arity arity = arityOf(node);
    if (arity.max == 0) {
        return refused("'" + node.name + "' (" + node.type +
                       ") is where data comes in; it takes no wire");
    }
    if (asked < kFreePort || asked >= arity.max) {
        return refused("'" + node.name + "' has inputs 0 to " + std::to_string(arity.max - 1) +
                       "; received " + std::to_string(asked));
    }
    int firstFree = 0;
    while (isTaken(graph, node.id, firstFree)) {
        ++firstFree;
    }
    const auto wires = static_cast<int>(std::ranges::count(graph.edges, node.id, &Edge::to));
    if (asked != kFreePort && (asked < std::max(arity.min, wires) || !takesAnyNumber(arity))) {
        return asked;
    }
    if (firstFree < arity.max) {
        return firstFree;
    }
    if (arity.max == 1) {
        return 0;
    }
    return refused("'" + node.name + "' (" + node.type + ") takes at most " +
                   std::to_string(arity.max) + " wires, and all are in use");
}

Step checkCycle(const Graph& graph, NodeId from, NodeId to) {
    const std::vector<NodeId> path = pathBetween(graph, to, from);
    if (path.empty()) {
        return {};
    }
    std::vector<std::string> names;
    for (const NodeId id : path) {
        names.push_back(findNode(graph, id)->name);
    }
    names.push_back(names.front());
    return refused("a network has no loops, but this wire would close one: " + join(names, " → ") +
                   ". Remove one of these wires first");
}

/// A further call of a layer.
Step addCall(Graph& graph, NodeId called) {
    const Node* found = findNode(graph, called);
    if (found == nullptr) {
        return noSuchNode(called);
    }
    Node call = *findNode(graph, layerOf(*found));
    if (call.type == kInputType) {
        return refused("'" + call.name + "' is where data comes in; it cannot be called again");
    }
    call.sharedWith = call.id;
    call.id = graph.nextId++;
    graph.nodes.push_back(std::move(call));
    matchCalls(graph);
    return {};
}

Step make(Graph& graph, const AddNode& edit) {
    if (edit.sharedWith != kNoNode) {
        return addCall(graph, edit.sharedWith);
    }
    const LayerDef* def = findLayerDef(edit.type);
    if (def == nullptr || (isModelType(edit.type) && !edit.model)) {
        return refused(unknownType(edit.type));
    }
    Node node{graph.nextId, edit.type, edit.name, {}, edit.trainable, edit.model};
    if (node.name.empty()) {
        node.name = freeName(graph, edit.type);
    }
    if (const Step named = checkName(graph, node.name, kNoNode); !named) {
        return named;
    }
    for (const auto& [name, value] : edit.params) {
        Expected<ParamMap> params = withParam(std::move(node.params), def->params, name, value);
        if (!params) {
            return failure(params.error(), node.name + " (" + edit.type + ")");
        }
        node.params = std::move(*params);
    }
    graph.nodes.push_back(std::move(node));
    ++graph.nextId;
    return {};
}

Step make(Graph& graph, const RemoveNode& edit) {
    if (findNode(graph, edit.id) == nullptr) {
        return noSuchNode(edit.id);
    }
    for (const NodeId reader : readersOf(graph, edit.id)) {
        const std::vector<Edge> wires = wiresInto(graph, reader);
        // From the last port on: removing one moves those behind it.
        for (auto wire = wires.rbegin(); wire != wires.rend(); ++wire) {
            if (wire->from == edit.id) {
                removeWire(graph, *wire);
            }
        }
    }
    std::erase_if(graph.edges, [&](const Edge& edge) { return edge.to == edit.id; });
    passOnLayer(graph, edit.id);
    std::erase_if(graph.nodes, [&](const Node& node) { return node.id == edit.id; });
    std::erase_if(graph.outputs, [&](const Source& output) { return output.node == edit.id; });
    matchCalls(graph);
    return {};
}

Step make(Graph& graph, const BypassNode& edit) {
    if (findNode(graph, edit.id) == nullptr) {
        return noSuchNode(edit.id);
    }
    const std::vector<Edge> inputs = wiresInto(graph, edit.id);
    if (inputs.size() != 1) {
        return refused(quoted(graph, edit.id) + " has " + std::to_string(inputs.size()) +
                       " inputs; only a layer with one input can be taken out of its wire");
    }
    for (Edge& edge : graph.edges) {
        if (edge.from == edit.id) {
            edge.from = inputs.front().from;
            edge.output = inputs.front().output;
        }
    }
    return make(graph, RemoveNode{edit.id});
}

/// A network that goes on behind an output has that output at its new end.
void continueOutput(Graph& graph, NodeId from) {
    if (readersOf(graph, from).empty()) {
        std::erase_if(graph.outputs, [&](const Source& output) { return output.node == from; });
    }
}

Step make(Graph& graph, const Connect& edit) {
    const Node* to = findNode(graph, edit.to);
    const Node* from = findNode(graph, edit.from);
    if (to == nullptr || from == nullptr) {
        return noSuchNode(to == nullptr ? edit.to : edit.from);
    }
    if (edit.output < 0 || edit.output >= outputCount(*from)) {
        return refused("'" + from->name + "' has outputs 0 to " +
                       std::to_string(outputCount(*from) - 1) + "; received " +
                       std::to_string(edit.output));
    }
    const Expected<int> port = portFor(graph, *to, edit.port);
    if (!port) {
        return tl::unexpected(port.error());
    }
    if (const Step acyclic = checkCycle(graph, edit.from, edit.to); !acyclic) {
        return acyclic;
    }
    const auto taken = std::ranges::find_if(
        graph.edges, [&](const Edge& edge) { return edge.to == edit.to && edge.port == *port; });
    if (taken != graph.edges.end() && taken->from == edit.from && taken->output == edit.output) {
        return {};
    }
    if (taken != graph.edges.end()) {
        graph.edges.erase(taken);
    }
    continueOutput(graph, edit.from);
    graph.edges.push_back(Edge{edit.from, edit.to, *port, edit.output});
    return {};
}

Step checkWire(const Graph& graph, const Edge& edge) {
    if (std::ranges::find(graph.edges, edge) == graph.edges.end()) {
        return refused("there is no wire from " + quoted(graph, edge.from) + " to input " +
                       std::to_string(edge.port) + " of " + quoted(graph, edge.to));
    }
    return {};
}

Step make(Graph& graph, const Disconnect& edit) {
    const Step exists = checkWire(graph, edit.edge);
    if (exists) {
        removeWire(graph, edit.edge);
    }
    return exists;
}

Step make(Graph& graph, const InsertOnEdge& edit) {
    const Node* node = findNode(graph, edit.id);
    if (node == nullptr) {
        return noSuchNode(edit.id);
    }
    if (const Step exists = checkWire(graph, edit.edge); !exists) {
        return exists;
    }
    const Expected<int> port = portFor(graph, *node, kFreePort);
    if (!port) {
        return tl::unexpected(port.error());
    }
    if (isTaken(graph, edit.id, *port) || !readersOf(graph, edit.id).empty()) {
        return refused("'" + node->name +
                       "' is already wired; only a layer with a free input and without readers "
                       "can be put into a wire");
    }
    if (const Step acyclic = checkCycle(graph, edit.id, edit.edge.to); !acyclic) {
        return acyclic;
    }
    const auto wire = std::ranges::find(graph.edges, edit.edge);
    wire->from = edit.id;
    wire->output = 0;
    graph.edges.push_back(Edge{edit.edge.from, edit.id, *port, edit.edge.output});
    return {};
}

Step make(Graph& graph, const SetParam& edit) {
    Node* node = nodeOf(graph, edit.id);
    if (node == nullptr) {
        return noSuchNode(edit.id);
    }
    const LayerDef* def = findLayerDef(node->type);
    if (def == nullptr) {
        return refused("'" + node->name + "': " + unknownType(node->type) +
                       "; its arguments cannot be changed");
    }
    Expected<ParamMap> params = withParam(node->params, def->params, edit.param, edit.value);
    if (!params) {
        return failure(params.error(), node->name + " (" + node->type + ")");
    }
    const NodeId layer = layerOf(*node);
    nodeOf(graph, layer)->params = std::move(*params);
    matchCalls(graph);
    return {};
}

Step make(Graph& graph, const RenameNode& edit) {
    const Node* node = findNode(graph, edit.id);
    if (node == nullptr) {
        return noSuchNode(edit.id);
    }
    if (node->name == trimmed(edit.name)) {
        return {};
    }
    const NodeId layer = layerOf(*node);
    const std::string name(trimmed(edit.name));
    const Step named = checkName(graph, name, layer);
    if (named) {
        nodeOf(graph, layer)->name = name;
        matchCalls(graph);
    }
    return named;
}

Step make(Graph& graph, const SetTrainable& edit) {
    Node* node = nodeOf(graph, edit.id);
    if (node == nullptr) {
        return noSuchNode(edit.id);
    }
    nodeOf(graph, layerOf(*node))->trainable = edit.trainable;
    matchCalls(graph);
    return {};
}

Step make(Graph& graph, const RenameGraph& edit) {
    const std::string name(trimmed(edit.name));
    if (name.empty() || name.size() > kLongestName) {
        return refused("a network needs a name of 1 to 256 characters");
    }
    graph.name = name;
    return {};
}

} // namespace

Expected<Graph> apply(const Graph& graph, const Edit& edit) {
    Graph changed = graph;
    const Step step =
        std::visit([&changed](const auto& kind) { return make(changed, kind); }, edit);
    if (!step) {
        return tl::unexpected(step.error());
    }
    return changed;
}

Expected<Graph> applyAll(Graph graph, std::span<const Edit> edits) {
    for (const Edit& edit : edits) {
        const Step step =
            std::visit([&graph](const auto& kind) { return make(graph, kind); }, edit);
        if (!step) {
            return tl::unexpected(step.error());
        }
    }
    return graph;
}

} // namespace nn
