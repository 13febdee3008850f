#pragma once

#include "nn/base/error.h"
#include "nn/model/graph.h"

#include <span>
#include <variant>

namespace nn {

/// Adds a layer. Its id is the graph's `nextId`; an empty name takes Keras' automatic one. A
/// further call of a layer (`sharedWith`) has that layer's type, arguments and name.
struct AddNode {
    std::string type = {};
    std::string name = {};
    ParamMap params = {};
    bool trainable = true;
    InnerGraph model = {};
    NodeId sharedWith = kNoNode;
    bool operator==(const AddNode&) const = default;
};
/// Removes a node and its wires.
struct RemoveNode {
    NodeId id = kNoNode;
    bool operator==(const RemoveNode&) const = default;
};
/// Removes a node with one input and closes the gap: its source feeds its readers.
struct BypassNode {
    NodeId id = kNoNode;
    bool operator==(const BypassNode&) const = default;
};
/// Adds a wire. An occupied port is taken over; a merging layer's port may be `kFreePort`.
inline constexpr int kFreePort = -1;
struct Connect {
    NodeId from = kNoNode;
    NodeId to = kNoNode;
    int port = 0;
    int output = 0;
    bool operator==(const Connect&) const = default;
};
struct Disconnect {
    Edge edge = {};
    bool operator==(const Disconnect&) const = default;
};
/// Puts an existing node with free input and no readers into a wire.
struct InsertOnEdge {
    NodeId id = kNoNode;
    Edge edge = {};
    bool operator==(const InsertOnEdge&) const = default;
};
/// Sets an argument of a layer, for all its calls.
struct SetParam {
    NodeId id = kNoNode;
    std::string param = {};
    ParamValue value = {};
    bool operator==(const SetParam&) const = default;
};
/// Renames a layer; its further calls follow.
struct RenameNode {
    NodeId id = kNoNode;
    std::string name = {};
    bool operator==(const RenameNode&) const = default;
};
struct SetTrainable {
    NodeId id = kNoNode;
    bool trainable = true;
    bool operator==(const SetTrainable&) const = default;
};
struct RenameGraph {
    std::string name = {};
    bool operator==(const RenameGraph&) const = default;
};

using Edit = std::variant<AddNode, RemoveNode, BypassNode, Connect, Disconnect, InsertOnEdge,
                          SetParam, RenameNode, SetTrainable, RenameGraph>;

/// The graph after an edit; the graph given is not touched. Structure is always kept sound: no
/// cycles, no double wires on a port, unique names, arguments in range. Whether shapes fit is the
/// business of `infer`. Given an `Edit`, say `nn::apply`: std::apply is found as well.
[[nodiscard]] Expected<Graph> apply(const Graph& graph, const Edit& edit);

/// All edits one after the other, or the first error.
[[nodiscard]] Expected<Graph> applyAll(Graph graph, std::span<const Edit> edits);

} // namespace nn
