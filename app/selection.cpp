#include "app/selection.h"

#include <algorithm>

namespace app {

void Selection::set(const widgets::NodeSet& nodes) {
    if (nodes == m_nodes) {
        return;
    }
    const widgets::NodeSet added = nodes - m_nodes;
    if (!added.isEmpty()) {
        m_current = *std::ranges::max_element(added);
    } else if (!nodes.contains(m_current) && !nodes.isEmpty()) {
        m_current = *std::ranges::max_element(nodes);
    }
    m_nodes = nodes;
    emit changed(m_nodes);
}

void Selection::prune(const nn::Graph& graph) {
    widgets::NodeSet kept;
    for (const nn::NodeId id : m_nodes) {
        if (nn::findNode(graph, id) != nullptr) {
            kept.insert(id);
        }
    }
    if (nn::findNode(graph, m_current) == nullptr) {
        m_current = nn::kNoNode;
    }
    set(kept);
}

} // namespace app
