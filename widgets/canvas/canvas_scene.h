#pragma once

#include "widgets/canvas/card.h"

#include <QImage>
#include <QPainterPath>
#include <QPixmap>

namespace widgets {

struct Wire {
    nn::Edge edge;
    QPainterPath path;
    QRectF bounds;
    qreal width = 1.5;
    QString label; ///< The shape it carries; empty when unknown.
    QPointF labelPoint;
    qreal length = 0.0;
};

/// The wire nearest to a point, or nullptr when none is within reach.
[[nodiscard]] const Wire* nearestWire(const std::vector<Wire>& wires, QPointF point, qreal reach);

/// One end of a wire on a card.
struct Port {
    nn::NodeId node = nn::kNoNode;
    bool isOutput = false;
    int number = 0;
    bool operator==(const Port&) const = default;
};

/// What the canvas shows, as geometry: cards, wires and what lies where. Knows no widget.
class CanvasScene {
public:
    void setNetwork(const NetworkValues& network, const Positions& positions);
    /// Shows cards at other places while they are dragged.
    void place(const Positions& positions);
    void setFlow(Qt::Orientation flow);
    void setStrip(nn::NodeId node, const QList<QImage>& maps);
    void clearStrips();

    [[nodiscard]] const NetworkValues& network() const { return m_network; }
    [[nodiscard]] const nn::Graph& graph() const { return *m_network.graph; }
    [[nodiscard]] Qt::Orientation flow() const { return m_flow; }
    [[nodiscard]] const std::vector<Card>& cards() const { return m_cards; }
    [[nodiscard]] const std::vector<Wire>& wires() const { return m_wires; }
    [[nodiscard]] const Card* card(nn::NodeId node) const;
    [[nodiscard]] const Wire* wire(const nn::Edge& edge) const;
    [[nodiscard]] QList<QPixmap> strip(nn::NodeId node) const { return m_strips.value(node); }
    [[nodiscard]] Positions positions() const;
    [[nodiscard]] QRectF bounds() const;
    [[nodiscard]] QRectF boundsOf(const NodeSet& nodes) const;

    [[nodiscard]] const Card* cardAt(QPointF point) const;
    [[nodiscard]] const Wire* wireAt(QPointF point, qreal reach) const;
    [[nodiscard]] std::optional<Port> portAt(QPointF point, qreal reach) const;
    [[nodiscard]] NodeSet cardsIn(const QRectF& rect) const;
    /// The nearest card in a direction: what an arrow key moves to; `kNoNode` at the end.
    [[nodiscard]] nn::NodeId neighbour(nn::NodeId node, Qt::Key arrow) const;

private:
    using Problems = QHash<nn::NodeId, std::vector<const nn::Diagnostic*>>;

    [[nodiscard]] Card keptCard(const nn::Node& node, const NetworkValues& network,
                                const Problems& problems);
    void routeWires();
    void labelWires();
    [[nodiscard]] std::vector<QRectF> cardsBetween(const QRectF& corridor, const nn::Edge& edge,
                                                   const std::vector<std::size_t>& byTop) const;

    NetworkValues m_network;
    Qt::Orientation m_flow = Qt::Vertical;
    std::vector<Card> m_cards;
    std::vector<Wire> m_wires;
    QHash<nn::NodeId, std::size_t> m_index;
    QHash<nn::NodeId, QList<QPixmap>> m_strips;
    quint64 m_version = 0;
};

} // namespace widgets
