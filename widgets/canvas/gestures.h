#pragma once

#include "widgets/canvas/canvas_wishes.h"

#include <QLineF>
#include <memory>

namespace widgets {

/// What a gesture shows on top of the drawing while it lasts.
struct Overlay {
    QRectF rubberBand;
    QPainterPath looseWire;
    bool valid = true; ///< Ending here would do something sensible.
    NodeSet targets;   ///< Cards a wire could end at.
    bool dimOthers = false;
    nn::NodeId target = nn::kNoNode; ///< The card it would end at now.
    std::optional<nn::Edge> split;   ///< The wire something would be put into.
    std::optional<nn::Edge> hidden;  ///< The wire that was picked up.
    QRectF ghost;                    ///< A card that is not there yet.
    QString ghostType;
    std::vector<QPainterPath> ghostWires;
    std::vector<QLineF> guides; ///< What a moved card is aligned with.
    QString hint;
};

/// Something the user does with the pointer (or the keyboard) from a start to an end. It may show
/// cards elsewhere meanwhile; afterwards the scene is as before and the wish says what is to
/// change.
class Gesture {
public:
    virtual ~Gesture() = default;
    [[nodiscard]] virtual Overlay moveTo(QPointF at) = 0;
    [[nodiscard]] virtual EditWish finish() = 0;
    virtual void cancel() {}
    /// The selection a gesture leads to, if it is about selecting.
    [[nodiscard]] virtual std::optional<NodeSet> selection() const { return std::nullopt; }

protected:
    Gesture() = default;
    Gesture(const Gesture&) = default;
    Gesture& operator=(const Gesture&) = default;
};

/// Drags cards; they snap to the grid and to the middles of their neighbours.
[[nodiscard]] std::unique_ptr<Gesture> moveGesture(CanvasScene& scene, const NodeSet& nodes,
                                                   nn::NodeId grabbed, QPointF start);
/// Draws a wire from a port; from an input that has a wire: takes that wire off.
[[nodiscard]] std::unique_ptr<Gesture> connectGesture(const CanvasScene& scene, const Port& port);
/// Selects the cards in a rectangle, added to `before`.
[[nodiscard]] std::unique_ptr<Gesture> rubberBandGesture(const CanvasScene& scene, QPointF start,
                                                         const NodeSet& before);
/// How a layer dropped like this is shown.
[[nodiscard]] Overlay dropOverlay(const CanvasScene& scene, const QString& type,
                                  const DropPlan& plan);

} // namespace widgets
