#pragma once

#include "widgets/edit_wish.h"

#include <QObject>

namespace app {

/// The layers selected in the window; every view shows and changes this one.
class Selection : public QObject {
    Q_OBJECT

public:
    using QObject::QObject;

    [[nodiscard]] const widgets::NodeSet& nodes() const { return m_nodes; }
    /// The layer whose inside is shown: the last one chosen; `kNoNode` when there is none.
    [[nodiscard]] nn::NodeId current() const { return m_current; }
    void set(const widgets::NodeSet& nodes);
    /// Forgets layers that are no longer in the graph.
    void prune(const nn::Graph& graph);

signals:
    void changed(const widgets::NodeSet& nodes);

private:
    widgets::NodeSet m_nodes;
    nn::NodeId m_current = nn::kNoNode;
};

} // namespace app
