#include "widgets/canvas/canvas_scene.h"

#include "nn/model/cost.h"

#include "widgets/canvas/layout.h"
#include "widgets/canvas/wire_route.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace widgets {
namespace {

constexpr qreal kCorridor = 64.0; // how far beside a wire cards matter to it

/// The flow's component of a direction counts once, leaving it counts more.
qreal distanceAlong(QPointF step, Qt::Key arrow) {
    const bool vertical = arrow == Qt::Key_Up || arrow == Qt::Key_Down;
    const bool backwards = arrow == Qt::Key_Up || arrow == Qt::Key_Left;
    const qreal ahead = (vertical ? step.y() : step.x()) * (backwards ? -1.0 : 1.0);
    const qreal aside = std::abs(vertical ? step.x() : step.y());
    return ahead < 1.0 ? -1.0 : ahead + 2.0 * aside;
}

/// A picture in the size it is shown: small ones keep sharp pixels, large ones are averaged.
QPixmap stripPixmap(const QImage& image, qsizetype count) {
    constexpr qreal kDensity = 2.0; // sharp up to twice the usual resolution
    const QSizeF room(count == 1 && image.width() > 3 * image.height()
                          ? kCardWidth - 2 * kCardPadding
                          : kStripSide,
                      kStripSide);
    const bool isBar = room.width() > room.height();
    const QSize target = (isBar ? room : QSizeF(image.size()).scaled(room, Qt::KeepAspectRatio))
                             .scaled(room * kDensity, Qt::KeepAspectRatio)
                             .toSize();
    const bool grows = image.width() <= target.width() && image.height() <= target.height();
    QPixmap pixmap =
        QPixmap::fromImage(image.scaled(target.expandedTo({1, 1}), Qt::IgnoreAspectRatio,
                                        grows ? Qt::FastTransformation : Qt::SmoothTransformation));
    pixmap.setDevicePixelRatio(kDensity);
    return pixmap;
}

} // namespace

void CanvasScene::setNetwork(const NetworkValues& network, const Positions& positions) {
    QHash<nn::NodeId, std::vector<const nn::Diagnostic*>> problems;
    for (const nn::Diagnostic& diagnostic : network.inference->diagnostics) {
        problems[diagnostic.node].push_back(&diagnostic);
    }
    std::vector<Card> cards;
    cards.reserve(network.graph->nodes.size());
    bool complete = true;
    for (const nn::Node& node : network.graph->nodes) {
        cards.push_back(keptCard(node, network, problems));
        complete = complete && positions.contains(node.id);
    }
    const Positions missing = complete ? Positions() : autoLayout(network);
    bool moved = cards.size() != m_cards.size() || network.graph->edges != graph().edges;
    for (std::size_t i = 0; i < cards.size(); ++i) {
        const auto given = positions.constFind(cards[i].id);
        const bool isGiven = given != positions.constEnd();
        cards[i].rect.moveTopLeft(isGiven ? *given : missing.value(cards[i].id));
        moved = moved || cards[i].id != m_cards[i].id || cards[i].rect != m_cards[i].rect ||
                cards[i].ports != m_cards[i].ports;
    }
    m_network = network;
    m_cards = std::move(cards);
    m_index.clear();
    for (std::size_t i = 0; i < m_cards.size(); ++i) {
        m_index[m_cards[i].id] = i;
    }
    m_strips.removeIf([this](const auto& strip) { return !m_index.contains(strip.key()); });
    if (moved) {
        routeWires();
    } else {
        labelWires();
    }
}

/// The card of a node; as it was when nothing it shows has changed.
Card CanvasScene::keptCard(const nn::Node& node, const NetworkValues& network,
                           const Problems& problems) {
    const auto& known = network.inference->nodes;
    const auto found = m_index.constFind(node.id);
    const auto ours = problems.constFind(node.id);
    if (found != m_index.constEnd() && ours == problems.constEnd()) {
        const Card& old = m_cards[*found];
        const nn::Node& before = m_network.graph->nodes[*found];
        const auto now = known.find(node.id);
        const auto then = m_network.inference->nodes.find(node.id);
        const bool isSame = now != known.end() && then != m_network.inference->nodes.end() &&
                            old.problems.isEmpty() && before == node;
        if (isSame && now->second == then->second) {
            return old;
        }
        if (isSame && differsInOutputOnly(*then->second, *now->second)) {
            Card card = old;
            showShape(card, *now->second);
            if (nn::paramsOf(*then->second) != nn::paramsOf(*now->second)) {
                showParams(card, node, *now->second);
            }
            card.version = ++m_version;
            return card;
        }
    }
    Card card = cardOf(node, *network.inference,
                       ours == problems.constEnd() ? std::vector<const nn::Diagnostic*>() : *ours);
    card.version = ++m_version;
    return card;
}

void CanvasScene::place(const Positions& positions) {
    for (auto moved = positions.begin(); moved != positions.end(); ++moved) {
        const auto found = m_index.constFind(moved.key());
        if (found != m_index.constEnd()) {
            m_cards[*found].rect.moveTopLeft(moved.value());
        }
    }
    routeWires();
}

void CanvasScene::setFlow(Qt::Orientation flow) {
    m_flow = flow;
    routeWires();
}

void CanvasScene::setStrip(nn::NodeId node, const QList<QImage>& maps) {
    QList<QPixmap> pixmaps;
    for (const QImage& map : maps.first(std::min<qsizetype>(maps.size(), kStripCount))) {
        if (!map.isNull()) {
            pixmaps << stripPixmap(map, maps.size());
        }
    }
    m_strips[node] = pixmaps;
    if (const auto found = m_index.constFind(node); found != m_index.constEnd()) {
        m_cards[*found].stripVersion = ++m_version;
    }
}

void CanvasScene::clearStrips() {
    m_strips.clear();
    for (Card& card : m_cards) {
        card.stripVersion = ++m_version;
    }
}

const Card* CanvasScene::card(nn::NodeId node) const {
    const auto found = m_index.constFind(node);
    return found == m_index.constEnd() ? nullptr : &m_cards[*found];
}

const Wire* CanvasScene::wire(const nn::Edge& edge) const {
    const auto found = std::ranges::find(m_wires, edge, &Wire::edge);
    return found == m_wires.end() ? nullptr : &*found;
}

Positions CanvasScene::positions() const {
    Positions positions;
    for (const Card& card : m_cards) {
        positions[card.id] = card.rect.topLeft();
    }
    return positions;
}

QRectF CanvasScene::bounds() const {
    QRectF bounds;
    for (const Card& card : m_cards) {
        bounds |= card.rect;
    }
    return bounds;
}

QRectF CanvasScene::boundsOf(const NodeSet& nodes) const {
    QRectF bounds;
    for (const nn::NodeId node : nodes) {
        if (const Card* found = card(node)) {
            bounds |= found->rect;
        }
    }
    return bounds;
}

const Card* CanvasScene::cardAt(QPointF point) const {
    const auto found = std::find_if(m_cards.rbegin(), m_cards.rend(), [point](const Card& card) {
        return card.rect.contains(point);
    });
    return found == m_cards.rend() ? nullptr : &*found;
}

const Wire* CanvasScene::wireAt(QPointF point, qreal reach) const {
    return nearestWire(m_wires, point, reach);
}

const Wire* nearestWire(const std::vector<Wire>& wires, QPointF point, qreal reach) {
    const Wire* nearest = nullptr;
    qreal least = reach;
    for (const Wire& wire : wires) {
        if (!wire.bounds.adjusted(-reach, -reach, reach, reach).contains(point)) {
            continue;
        }
        const int samples = std::max(8, static_cast<int>(wire.length / 6.0));
        for (int i = 0; i <= samples; ++i) {
            const QPointF on = wire.path.pointAtPercent(static_cast<qreal>(i) / samples);
            const qreal distance = QLineF(on, point).length() - wire.width / 2;
            if (distance < least) {
                least = distance;
                nearest = &wire;
            }
        }
    }
    return nearest;
}

std::optional<Port> CanvasScene::portAt(QPointF point, qreal reach) const {
    std::optional<Port> nearest;
    qreal least = reach;
    const auto consider = [&](QPointF at, Port port) {
        const qreal distance = QLineF(at, point).length();
        if (distance <= least) {
            least = distance;
            nearest = port;
        }
    };
    for (const Card& card : m_cards) {
        if (!card.rect.adjusted(-reach, -reach, reach, reach).contains(point)) {
            continue;
        }
        consider(card.outputPoint(m_flow), {card.id, true, 0});
        for (int port = 0; port < card.ports; ++port) {
            consider(card.inputPoint(port, m_flow), {card.id, false, port});
        }
    }
    return nearest;
}

NodeSet CanvasScene::cardsIn(const QRectF& rect) const {
    NodeSet nodes;
    for (const Card& card : m_cards) {
        if (card.rect.intersects(rect)) {
            nodes.insert(card.id);
        }
    }
    return nodes;
}

nn::NodeId CanvasScene::neighbour(nn::NodeId node, Qt::Key arrow) const {
    const Card* from = card(node);
    if (from == nullptr) {
        return m_cards.empty() ? nn::kNoNode : m_cards.front().id;
    }
    nn::NodeId nearest = nn::kNoNode;
    qreal least = std::numeric_limits<qreal>::max();
    for (const Card& other : m_cards) {
        const qreal distance = distanceAlong(other.rect.center() - from->rect.center(), arrow);
        if (other.id != node && distance >= 0.0 && distance < least) {
            least = distance;
            nearest = other.id;
        }
    }
    return nearest;
}

std::vector<QRectF> CanvasScene::cardsBetween(const QRectF& corridor, const nn::Edge& edge,
                                              const std::vector<std::size_t>& byTop) const {
    constexpr qreal kTallest = 160.0;
    std::vector<QRectF> between;
    auto at = std::ranges::lower_bound(byTop, corridor.top() - kTallest, {},
                                       [this](std::size_t i) { return m_cards[i].rect.top(); });
    for (; at != byTop.end() && m_cards[*at].rect.top() <= corridor.bottom(); ++at) {
        const Card& card = m_cards[*at];
        if (card.rect.bottom() >= corridor.top() && card.id != edge.from && card.id != edge.to) {
            between.push_back(card.rect);
        }
    }
    return between;
}

void CanvasScene::routeWires() {
    std::vector<std::size_t> byTop(m_cards.size());
    std::iota(byTop.begin(), byTop.end(), std::size_t{0});
    std::ranges::sort(byTop, {}, [this](std::size_t i) { return m_cards[i].rect.top(); });
    std::vector<QRectF> lanes;
    m_wires.clear();
    for (const nn::Edge& edge : graph().edges) {
        const Card* from = card(edge.from);
        const Card* to = card(edge.to);
        if (from == nullptr || to == nullptr) {
            continue;
        }
        const QPointF start = from->outputPoint(m_flow);
        const QPointF end = to->inputPoint(edge.port, m_flow);
        const QRectF corridor =
            QRectF(start, end).normalized().adjusted(-kCorridor, -kCorridor, kCorridor, kCorridor);
        const WireRoute route =
            wireRoute(start, end, {cardsBetween(corridor, edge, byTop), lanes}, m_flow);
        if (!route.lane.isEmpty()) {
            lanes.push_back(route.lane);
        }
        Wire wire;
        wire.edge = edge;
        wire.path = route.path;
        wire.bounds = route.path.controlPointRect().adjusted(-10, -10, 10, 10);
        wire.labelPoint = route.middle;
        wire.length = (end - start).manhattanLength() + 2 * route.lane.height();
        m_wires.push_back(std::move(wire));
    }
    labelWires();
}

void CanvasScene::labelWires() {
    for (Wire& wire : m_wires) {
        const Card* from = card(wire.edge.from);
        wire.width = from->elements ? wireWidth(*from->elements) : 1.5;
        wire.label = from->hasOutput ? from->shape : QString();
    }
}

} // namespace widgets
