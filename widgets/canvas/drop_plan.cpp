#include "widgets/canvas/canvas_wishes.h"
#include "widgets/canvas/layout.h"

#include "nn/model/registry.h"

#include <QCoreApplication>
#include <algorithm>
#include <cmath>

namespace widgets {
namespace {

constexpr qreal kDropReach = 24.0; // on the drawing: a dropped layer goes into the wire
constexpr qreal kEndReach = 190.0;
constexpr qreal kLeastGap = 16.0;

struct DropText {
    Q_DECLARE_TR_FUNCTIONS(CanvasView)
};

qreal along(QPointF point, Qt::Orientation flow) {
    return flow == Qt::Vertical ? point.y() : point.x();
}

qreal gapBetweenLayers() {
    return LayoutOptions{}.layerGap;
}

QPointF step(qreal distance, Qt::Orientation flow) {
    return flow == Qt::Vertical ? QPointF(0, distance) : QPointF(distance, 0);
}

nn::Node freshNode(const QString& type) {
    nn::Node node;
    node.type = type.toStdString();
    return node;
}

/// A new card's size: as it will be once its shape is known.
QSizeF freshSize(const QString& type) {
    const nn::LayerDef* def = nn::findLayerDef(type.toStdString());
    QSizeF size = usualCardSize();
    if (def != nullptr && argumentsText(*def, {}).isEmpty()) {
        size.rheight() -= 2 * kGrid;
    }
    return size;
}

DropPlan planAt(const QString& type, DropKind kind) {
    DropPlan plan;
    plan.kind = kind;
    plan.rect = QRectF({}, freshSize(type));
    return plan;
}

bool takesInput(const QString& type) {
    return maxInputsOf(freshNode(type)) > 0;
}

bool hasReaders(const nn::Graph& graph, nn::NodeId node) {
    return std::ranges::any_of(graph.edges, [node](const nn::Edge& e) { return e.from == node; });
}

bool lacksInput(const nn::Graph& graph, const Card& card) {
    return card.maxInputs > 0 && std::ranges::none_of(graph.edges, [&card](const nn::Edge& e) {
               return e.to == card.id;
           });
}

/// Everything that data flows to from here on moves along by a distance.
Positions shiftedFrom(const CanvasScene& scene, nn::NodeId first, qreal distance) {
    Positions positions;
    const Card* start = scene.card(first);
    for (const Card& card : scene.cards()) {
        const bool isBehind =
            along(card.rect.topLeft(), scene.flow()) >= along(start->rect.topLeft(), scene.flow());
        if (isBehind && nn::reaches(scene.graph(), first, card.id)) {
            positions[card.id] = onGrid(card.rect.topLeft() + step(distance, scene.flow()));
        }
    }
    return positions;
}

DropPlan planInsert(const CanvasScene& scene, const QString& type, const nn::Edge& edge,
                    std::optional<QPointF> at) {
    const Qt::Orientation flow = scene.flow();
    const Card& from = *scene.card(edge.from);
    const Card& to = *scene.card(edge.to);
    DropPlan plan = planAt(type, DropKind::Insert);
    plan.edge = edge;
    const qreal start = along(from.outputPoint(flow), flow);
    const qreal end = along(to.inputPoint(edge.port, flow), flow);
    const qreal depth = flow == Qt::Vertical ? plan.rect.height() : plan.rect.width();
    const bool hasRoom = end - start >= depth + 2 * kLeastGap;
    if (end < start || hasRoom) {
        const QPointF middle = (from.rect.center() + to.rect.center()) / 2;
        plan.rect.moveCenter(at.value_or(middle));
        plan.rect.moveTopLeft(onGrid(plan.rect.topLeft()));
        plan.rect = freePlace(scene, plan.rect);
        return plan;
    }
    const qreal gap = gapBetweenLayers();
    const QPointF corner = to.rect.topLeft();
    plan.rect.moveTopLeft(onGrid(flow == Qt::Vertical ? QPointF(corner.x(), start + gap)
                                                      : QPointF(start + gap, corner.y())));
    const qreal missing = start + gap + depth + gap - end;
    plan.shifted = shiftedFrom(scene, edge.to, std::ceil(missing / kGrid) * kGrid);
    return plan;
}

DropPlan planBeside(const CanvasScene& scene, const QString& type, const Card& card,
                    DropKind kind) {
    const Qt::Orientation flow = scene.flow();
    DropPlan plan = planAt(type, kind);
    plan.neighbour = card.id;
    const qreal gap = gapBetweenLayers();
    QPointF corner = card.rect.topLeft();
    if (kind == DropKind::Append) {
        const QPointF end = card.outputPoint(flow);
        corner = flow == Qt::Vertical ? QPointF(corner.x(), end.y() + gap)
                                      : QPointF(end.x() + gap, corner.y());
    } else {
        const qreal depth = flow == Qt::Vertical ? plan.rect.height() : plan.rect.width();
        corner -= step(gap + depth, flow);
    }
    plan.rect.moveTopLeft(onGrid(corner));
    plan.rect = freePlace(scene, plan.rect);
    return plan;
}

/// Behind a card: into its only wire, or as a new end.
DropPlan planBehind(const CanvasScene& scene, const QString& type, const Card& card) {
    const nn::Edge* only = nullptr;
    int wires = 0;
    for (const nn::Edge& edge : scene.graph().edges) {
        if (edge.from == card.id) {
            only = &edge;
            ++wires;
        }
    }
    return wires == 1 ? planInsert(scene, type, *only, std::nullopt)
                      : planBeside(scene, type, card, DropKind::Append);
}

std::optional<DropPlan> planAtEnd(const CanvasScene& scene, const QString& type, QPointF at) {
    const Card* nearest = nullptr;
    DropKind kind = DropKind::Append;
    qreal least = kEndReach;
    for (const Card& card : scene.cards()) {
        const auto consider = [&](QPointF port, DropKind candidate) {
            const qreal distance = QLineF(port, at).length();
            if (distance < least) {
                least = distance;
                nearest = &card;
                kind = candidate;
            }
        };
        if (takesInput(type) && !hasReaders(scene.graph(), card.id)) {
            consider(card.outputPoint(scene.flow()), DropKind::Append);
        }
        if (lacksInput(scene.graph(), card)) {
            consider(card.inputPoint(0, scene.flow()), DropKind::Prepend);
        }
    }
    if (nearest == nullptr) {
        return std::nullopt;
    }
    return planBeside(scene, type, *nearest, kind);
}

} // namespace

QRectF freePlace(const CanvasScene& scene, QRectF rect) {
    const auto blocking = [&scene](const QRectF& place) -> const Card* {
        const QRectF wide = place.adjusted(-kLeastGap, -kLeastGap, kLeastGap, kLeastGap);
        const auto& cards = scene.cards();
        const auto found = std::ranges::find_if(
            cards, [&wide](const Card& card) { return card.rect.intersects(wide); });
        return found == cards.end() ? nullptr : &*found;
    };
    while (const Card* card = blocking(rect)) {
        if (scene.flow() == Qt::Vertical) {
            rect.moveLeft(card->rect.right() + 2 * kLeastGap);
        } else {
            rect.moveTop(card->rect.bottom() + 2 * kLeastGap);
        }
    }
    return rect;
}

DropPlan planDrop(const CanvasScene& scene, const QString& type, QPointF at) {
    if (takesInput(type)) {
        if (const Card* card = scene.cardAt(at)) {
            return planBehind(scene, type, *card);
        }
        if (const Wire* wire = scene.wireAt(at, kDropReach)) {
            return planInsert(scene, type, wire->edge, at);
        }
    }
    if (const std::optional<DropPlan> plan = planAtEnd(scene, type, at)) {
        return *plan;
    }
    DropPlan plan = planAt(type, DropKind::Free);
    plan.rect.moveCenter(at);
    plan.rect.moveTopLeft(onGrid(plan.rect.topLeft()));
    plan.rect = freePlace(scene, plan.rect);
    return plan;
}

DropPlan planAdd(const CanvasScene& scene, const QString& type, const NodeSet& selection,
                 QPointF center) {
    const bool selectedOne = selection.size() == 1;
    const Card* card = selectedOne ? scene.card(*selection.begin()) : nullptr;
    if (takesInput(type)) {
        if (card != nullptr) {
            return planBehind(scene, type, *card);
        }
        const auto& order = scene.network().inference->order;
        for (auto node = order.rbegin(); node != order.rend(); ++node) {
            const Card* last = scene.card(*node);
            if (last != nullptr && !hasReaders(scene.graph(), *node)) {
                return planBeside(scene, type, *last, DropKind::Append);
            }
        }
    } else {
        for (const Card& first : scene.cards()) {
            if (lacksInput(scene.graph(), first)) {
                return planBeside(scene, type, first, DropKind::Prepend);
            }
        }
    }
    DropPlan plan = planAt(type, DropKind::Free);
    plan.rect.moveCenter(center);
    plan.rect.moveTopLeft(onGrid(plan.rect.topLeft()));
    plan.rect = freePlace(scene, plan.rect);
    return plan;
}

EditWish dropWish(const CanvasScene& scene, const QString& type, const DropPlan& plan) {
    const nn::NodeId added = scene.graph().nextId;
    EditWish wish;
    wish.edits.emplace_back(nn::AddNode{.type = type.toStdString()});
    wish.positions = plan.shifted;
    wish.positions[added] = plan.rect.topLeft();
    wish.select = {added};
    switch (plan.kind) {
    case DropKind::Free:
        wish.text = DropText::tr("Add %1").arg(type);
        break;
    case DropKind::Insert:
        wish.text = DropText::tr("Insert %1").arg(type);
        wish.edits.emplace_back(nn::InsertOnEdge{.id = added, .edge = plan.edge});
        break;
    case DropKind::Append:
        wish.text = DropText::tr("Append %1").arg(type);
        wish.edits.emplace_back(nn::Connect{.from = plan.neighbour, .to = added});
        break;
    case DropKind::Prepend:
        wish.text = DropText::tr("Add %1").arg(type);
        wish.edits.emplace_back(nn::Connect{.from = added, .to = plan.neighbour});
        break;
    }
    return wish;
}

QString planText(const CanvasScene& scene, const QString& type, const DropPlan& plan) {
    const auto name = [&scene](nn::NodeId node) {
        const Card* card = scene.card(node);
        return card == nullptr ? QString() : card->name;
    };
    switch (plan.kind) {
    case DropKind::Free:
        return DropText::tr("Add %1 without a wire").arg(type);
    case DropKind::Insert:
        return DropText::tr("Insert %1 between %2 and %3")
            .arg(type, name(plan.edge.from), name(plan.edge.to));
    case DropKind::Append:
        return DropText::tr("Append %1 to %2").arg(type, name(plan.neighbour));
    case DropKind::Prepend:
        return DropText::tr("Put %1 before %2").arg(type, name(plan.neighbour));
    }
    return {};
}

} // namespace widgets
