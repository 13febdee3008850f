#include "nn/model/wiring.h"

#include <algorithm>
#include <functional>
#include <queue>

namespace nn {

Wiring::Wiring(const Graph& graph)
    : m_inputs(graph.nodes.size()), m_inputOutputs(graph.nodes.size()),
      m_readers(graph.nodes.size()) {
    m_indices.reserve(graph.nodes.size());
    for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
        m_indices.emplace(graph.nodes[i].id, i);
    }
    for (const Edge& edge : graph.edges) {
        const auto from = indexOf(edge.from);
        const auto to = indexOf(edge.to);
        if (!from || !to || edge.port < 0) {
            continue;
        }
        std::vector<NodeId>& inputs = m_inputs[*to];
        const auto port = static_cast<std::size_t>(edge.port);
        inputs.resize(std::max(inputs.size(), port + 1), kNoNode);
        inputs[port] = edge.from;
        m_inputOutputs[*to].resize(inputs.size(), 0);
        m_inputOutputs[*to][port] = edge.output;
        m_readers[*from].push_back(*to);
    }
}

std::optional<std::size_t> Wiring::indexOf(NodeId id) const {
    const auto found = m_indices.find(id);
    return found == m_indices.end() ? std::nullopt : std::optional(found->second);
}

std::vector<std::size_t> Wiring::topologicalOrder() const {
    std::vector<std::size_t> waiting(m_inputs.size());
    std::priority_queue<std::size_t, std::vector<std::size_t>, std::greater<>> ready;
    for (std::size_t i = 0; i < m_inputs.size(); ++i) {
        waiting[i] =
            m_inputs[i].size() - static_cast<std::size_t>(std::ranges::count(m_inputs[i], kNoNode));
        if (waiting[i] == 0) {
            ready.push(i);
        }
    }
    std::vector<std::size_t> order;
    order.reserve(m_inputs.size());
    while (!ready.empty()) {
        const std::size_t node = ready.top();
        ready.pop();
        order.push_back(node);
        for (const std::size_t reader : m_readers[node]) {
            if (--waiting[reader] == 0) {
                ready.push(reader);
            }
        }
    }
    return order;
}

std::vector<Edge> wiresInto(const Graph& graph, NodeId id) {
    std::vector<Edge> wires;
    std::ranges::copy_if(graph.edges, std::back_inserter(wires),
                         [id](const Edge& edge) { return edge.to == id; });
    std::ranges::sort(wires, {}, &Edge::port);
    return wires;
}

} // namespace nn
