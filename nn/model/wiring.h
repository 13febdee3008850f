#pragma once

#include "nn/model/graph.h"

#include <unordered_map>

namespace nn {

/// A graph's wires indexed for quick walks: everything by index into `graph.nodes`.
class Wiring {
public:
    explicit Wiring(const Graph& graph);

    [[nodiscard]] std::optional<std::size_t> indexOf(NodeId id) const;
    /// Sources by port; `kNoNode` where no wire is.
    [[nodiscard]] const std::vector<NodeId>& inputs(std::size_t node) const {
        return m_inputs[node];
    }
    /// Which result of each source is read, by port.
    [[nodiscard]] const std::vector<int>& inputOutputs(std::size_t node) const {
        return m_inputOutputs[node];
    }
    /// Readers in the order of their wires; a node that reads twice is named twice.
    [[nodiscard]] const std::vector<std::size_t>& readers(std::size_t node) const {
        return m_readers[node];
    }
    /// Sources before their readers, ties by making order. Nodes on a cycle are left out.
    [[nodiscard]] std::vector<std::size_t> topologicalOrder() const;

private:
    std::unordered_map<NodeId, std::size_t> m_indices;
    std::vector<std::vector<NodeId>> m_inputs;
    std::vector<std::vector<int>> m_inputOutputs;
    std::vector<std::vector<std::size_t>> m_readers;
};

/// The wires of a node, by port.
[[nodiscard]] std::vector<Edge> wiresInto(const Graph& graph, NodeId id);

} // namespace nn
