#pragma once

#include <QPainterPath>
#include <QRectF>
#include <vector>

namespace widgets {

/// What a wire has to keep clear of.
struct WireObstacles {
    std::vector<QRectF> cards; ///< Without the two cards it connects.
    std::vector<QRectF> lanes; ///< Where other wires already run beside the cards.
};

struct WireRoute {
    QPainterPath path;
    QRectF lane; ///< The straight part beside cards, for the wires after it; empty without.
    QPointF middle;
};

/// The way of a wire along the flow of data: an S when the way is free, else around the cards.
[[nodiscard]] WireRoute wireRoute(QPointF from, QPointF to, const WireObstacles& obstacles,
                                  Qt::Orientation flow);
/// A wire that follows the pointer.
[[nodiscard]] QPainterPath looseWire(QPointF from, QPointF to, Qt::Orientation flow);

/// Thickness by the numbers a wire carries for one sample: 1.5 px for few, 9 px for a large image.
[[nodiscard]] qreal wireWidth(std::int64_t elements);

} // namespace widgets
