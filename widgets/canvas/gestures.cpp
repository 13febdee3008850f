#include "widgets/canvas/gestures.h"

#include "widgets/canvas/wire_route.h"

#include <QCoreApplication>
#include <algorithm>
#include <cmath>
#include <limits>

namespace widgets {
namespace {

constexpr qreal kAlignReach = 10.0;
constexpr qreal kAlignArea = 600.0; // cards further away do not attract
constexpr qreal kSplitReach = 16.0;
constexpr qreal kPortReach = 14.0;

struct GestureText {
    Q_DECLARE_TR_FUNCTIONS(CanvasView)
};

class MoveGesture final : public Gesture {
public:
    MoveGesture(CanvasScene& scene, const NodeSet& nodes, nn::NodeId grabbed, QPointF start)
        : m_scene(scene), m_grabbed(grabbed), m_start(start) {
        for (const nn::NodeId node : nodes) {
            if (const Card* card = scene.card(node)) {
                m_before[node] = card->rect.topLeft();
            }
        }
        const auto& edges = scene.graph().edges;
        m_isLone = nodes.size() == 1 && std::ranges::none_of(edges, [&](const nn::Edge& edge) {
                       return edge.from == grabbed || edge.to == grabbed;
                   });
        const Card* card = scene.card(grabbed);
        m_isLone = m_isLone && card != nullptr && card->maxInputs > 0;
        if (m_isLone) {
            m_wires = scene.wires();
        }
    }

    Overlay moveTo(QPointF at) override {
        Overlay overlay;
        const QPointF shift = snappedShift(at - m_start, overlay);
        m_now.clear();
        for (auto card = m_before.begin(); card != m_before.end(); ++card) {
            m_now[card.key()] = card.value() + shift;
        }
        m_scene.place(m_now);
        m_split.reset();
        if (m_isLone) {
            const Wire* wire =
                nearestWire(m_wires, m_scene.card(m_grabbed)->rect.center(), kSplitReach);
            if (wire != nullptr) {
                m_split = wire->edge;
                overlay.split = m_split;
                overlay.hint = insertWish(m_scene, m_grabbed, *m_split).text;
            }
        }
        return overlay;
    }

    EditWish finish() override {
        EditWish wish;
        if (m_split) {
            wish = insertWish(m_scene, m_grabbed, *m_split);
        } else if (!m_now.isEmpty() && m_now != m_before) {
            wish = moveWish(m_scene.graph(), m_now);
        }
        m_scene.place(m_before);
        return wish;
    }

    void cancel() override { m_scene.place(m_before); }

private:
    /// The grabbed card leads: to the middle of a card near, else to the grid.
    QPointF snappedShift(QPointF shift, Overlay& overlay) const {
        const QPointF corner = m_before.value(m_grabbed);
        QPointF to = onGrid(corner + shift);
        const Card* card = m_scene.card(m_grabbed);
        const QPointF half(card->rect.width() / 2, card->rect.height() / 2);
        const QPointF centre = corner + shift + half;
        const Card* column = nullptr;
        const Card* row = nullptr;
        QPointF least(kAlignReach, kAlignReach);
        for (const Card& other : m_scene.cards()) {
            const QPointF away = other.rect.center() - centre;
            if (m_before.contains(other.id) || away.manhattanLength() > kAlignArea) {
                continue;
            }
            if (std::abs(away.x()) < least.x()) {
                least.setX(std::abs(away.x()));
                column = &other;
            }
            if (std::abs(away.y()) < least.y()) {
                least.setY(std::abs(away.y()));
                row = &other;
            }
        }
        if (column != nullptr) {
            to.setX(column->rect.center().x() - half.x());
        }
        if (row != nullptr) {
            to.setY(row->rect.center().y() - half.y());
        }
        if (column != nullptr) {
            overlay.guides.emplace_back(column->rect.center(),
                                        QPointF(column->rect.center().x(), to.y() + half.y()));
        }
        if (row != nullptr) {
            overlay.guides.emplace_back(row->rect.center(),
                                        QPointF(to.x() + half.x(), row->rect.center().y()));
        }
        return to - corner;
    }

    CanvasScene& m_scene;
    nn::NodeId m_grabbed;
    QPointF m_start;
    bool m_isLone = false;
    std::vector<Wire> m_wires; ///< As they were: they give way to the card that is moved.
    Positions m_before;
    Positions m_now;
    std::optional<nn::Edge> m_split;
};

/// All nodes whose data reaches `node` (or, forwards, that read what it makes), itself included.
NodeSet related(const nn::Graph& graph, nn::NodeId node, bool forwards) {
    QMultiHash<nn::NodeId, nn::NodeId> next;
    for (const nn::Edge& edge : graph.edges) {
        next.insert(forwards ? edge.from : edge.to, forwards ? edge.to : edge.from);
    }
    NodeSet seen{node};
    std::vector<nn::NodeId> open{node};
    while (!open.empty()) {
        const nn::NodeId at = open.back();
        open.pop_back();
        const auto [first, last] = next.equal_range(at);
        for (auto it = first; it != last; ++it) {
            if (!seen.contains(it.value())) {
                seen.insert(it.value());
                open.push_back(it.value());
            }
        }
    }
    return seen;
}

class ConnectGesture final : public Gesture {
public:
    ConnectGesture(const CanvasScene& scene, Port port) : m_scene(scene), m_port(port) {
        if (!port.isOutput) {
            for (const nn::Edge& edge : scene.graph().edges) {
                if (edge.to == port.node && edge.port == port.number) {
                    m_taken = edge;
                    m_port = {edge.from, true, 0};
                }
            }
        }
        // A wire must not close a circle: neither what comes before its start nor itself.
        const NodeSet excluded = related(scene.graph(), m_port.node, !m_port.isOutput);
        for (const Card& card : scene.cards()) {
            if (!excluded.contains(card.id) && (!m_port.isOutput || card.maxInputs > 0)) {
                m_targets.insert(card.id);
            }
        }
    }

    Overlay moveTo(QPointF at) override {
        Overlay overlay;
        overlay.targets = m_targets;
        overlay.dimOthers = true;
        overlay.hidden = m_taken;
        aim(at);
        QPointF end = at;
        overlay.valid = m_problem.isEmpty();
        overlay.hint = m_problem;
        if (m_wire && overlay.valid) {
            overlay.target = m_port.isOutput ? m_wire->to : m_wire->from;
            const Card& target = *m_scene.card(overlay.target);
            end = m_port.isOutput ? target.inputPoint(m_wire->port, m_scene.flow())
                                  : target.outputPoint(m_scene.flow());
            overlay.hint = connectWish(m_scene.graph(), *m_wire, m_taken).text;
        } else if (overlay.hint.isEmpty()) {
            overlay.hint = m_taken ? GestureText::tr("Let go here to remove the wire")
                                   : GestureText::tr("Choose the card the wire ends at");
        }
        overlay.looseWire = loose(end);
        return overlay;
    }

    EditWish finish() override {
        if (m_wire && m_problem.isEmpty()) {
            return connectWish(m_scene.graph(), *m_wire, m_taken);
        }
        if (!m_wire && m_taken && m_moved) {
            return disconnectWish(m_scene.graph(), *m_taken);
        }
        return {};
    }

private:
    QPainterPath loose(QPointF end) const {
        const Card* card = m_scene.card(m_port.node);
        if (m_port.isOutput) {
            return looseWire(card->outputPoint(m_scene.flow()), end, m_scene.flow());
        }
        return looseWire(end, card->inputPoint(m_port.number, m_scene.flow()), m_scene.flow());
    }

    void aim(QPointF at) {
        m_moved = true;
        m_wire.reset();
        m_problem.clear();
        const std::optional<Port> port = m_scene.portAt(at, kPortReach);
        const Card* card = m_scene.cardAt(at);
        const nn::NodeId node = port ? port->node : card != nullptr ? card->id : nn::kNoNode;
        if (node == nn::kNoNode || (node == m_port.node && !m_taken)) {
            return;
        }
        if (m_port.isOutput) {
            const bool exact = port && !port->isOutput;
            m_wire = nn::Edge{m_port.node, node, exact ? port->number : nn::kFreePort};
        } else {
            m_wire = nn::Edge{node, m_port.node, m_port.number};
        }
        if (m_taken && m_wire->to == m_taken->to && m_wire->from == m_taken->from) {
            m_wire = m_taken; // back where it was
            return;
        }
        m_problem = connectProblem(m_scene.graph(), m_wire->from, m_wire->to);
    }

    const CanvasScene& m_scene;
    Port m_port;
    std::optional<nn::Edge> m_taken;
    NodeSet m_targets;
    std::optional<nn::Edge> m_wire;
    QString m_problem;
    bool m_moved = false;
};

class RubberBandGesture final : public Gesture {
public:
    RubberBandGesture(const CanvasScene& scene, QPointF start, const NodeSet& before)
        : m_scene(scene), m_start(start), m_before(before), m_selection(before) {}

    Overlay moveTo(QPointF at) override {
        Overlay overlay;
        overlay.rubberBand = QRectF(m_start, at).normalized();
        m_selection = m_before + m_scene.cardsIn(overlay.rubberBand);
        return overlay;
    }
    EditWish finish() override { return {}; }
    void cancel() override { m_selection = m_before; }
    [[nodiscard]] std::optional<NodeSet> selection() const override { return m_selection; }

private:
    const CanvasScene& m_scene;
    QPointF m_start;
    NodeSet m_before;
    NodeSet m_selection;
};

} // namespace

std::unique_ptr<Gesture> moveGesture(CanvasScene& scene, const NodeSet& nodes, nn::NodeId grabbed,
                                     QPointF start) {
    return std::make_unique<MoveGesture>(scene, nodes, grabbed, start);
}

std::unique_ptr<Gesture> connectGesture(const CanvasScene& scene, const Port& port) {
    return std::make_unique<ConnectGesture>(scene, port);
}

std::unique_ptr<Gesture> rubberBandGesture(const CanvasScene& scene, QPointF start,
                                           const NodeSet& before) {
    return std::make_unique<RubberBandGesture>(scene, start, before);
}

Overlay dropOverlay(const CanvasScene& scene, const QString& type, const DropPlan& plan) {
    Overlay overlay;
    overlay.ghost = plan.rect;
    overlay.ghostType = type;
    overlay.hint = planText(scene, type, plan);
    Card ghost;
    ghost.rect = plan.rect;
    const Qt::Orientation flow = scene.flow();
    const auto wire = [&](const Card& from, const Card& to, int port) {
        overlay.ghostWires.push_back(
            looseWire(from.outputPoint(flow), to.inputPoint(port, flow), flow));
    };
    switch (plan.kind) {
    case DropKind::Free:
        break;
    case DropKind::Insert: {
        overlay.hidden = plan.edge;
        Card to = *scene.card(plan.edge.to);
        to.rect.moveTopLeft(plan.shifted.value(to.id, to.rect.topLeft()));
        wire(*scene.card(plan.edge.from), ghost, 0);
        wire(ghost, to, plan.edge.port);
        break;
    }
    case DropKind::Append:
        wire(*scene.card(plan.neighbour), ghost, 0);
        break;
    case DropKind::Prepend:
        wire(ghost, *scene.card(plan.neighbour), 0);
        break;
    }
    return overlay;
}

} // namespace widgets
