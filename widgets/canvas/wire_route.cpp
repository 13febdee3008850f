#include "widgets/canvas/wire_route.h"

#include <QTransform>
#include <algorithm>
#include <cmath>
#include <optional>

namespace widgets {
namespace {

constexpr qreal kTurn = 36.0;    // height of the S before and after a lane; fits between layers
constexpr qreal kStub = 20.0;    // straight piece before a wire turns back
constexpr qreal kLaneGap = 20.0; // between a lane and a card
constexpr qreal kLaneHalf = 6.0; // half of what a lane takes
constexpr qreal kCorner = 12.0;
constexpr qreal kClosest = 8.0; // nearer than this a wire has to turn back

QPainterPath curve(QPointF from, QPointF to) {
    const qreal reach = std::clamp(std::abs(to.y() - from.y()) / 2, 16.0, 80.0);
    QPainterPath path(from);
    if (from.x() == to.x()) {
        path.lineTo(to);
    } else {
        path.cubicTo(from + QPointF(0, reach), to - QPointF(0, reach), to);
    }
    return path;
}

bool isFree(const QPainterPath& path, const std::vector<QRectF>& cards) {
    constexpr int kSamples = 16;
    const QRectF bounds = path.boundingRect();
    return std::ranges::none_of(cards, [&](const QRectF& card) {
        const QRectF wide = card.adjusted(-4, -4, 4, 4);
        if (!wide.intersects(bounds.adjusted(-1, -1, 1, 1))) {
            return false;
        }
        for (int i = 1; i < kSamples; ++i) {
            if (wide.contains(path.pointAtPercent(static_cast<qreal>(i) / kSamples))) {
                return true;
            }
        }
        return false;
    });
}

/// The nearest lane to one side of `start` that nothing stands in.
qreal laneFrom(qreal start, qreal top, qreal bottom, const WireObstacles& obstacles, bool right) {
    qreal x = start;
    bool moved = true;
    while (moved) {
        moved = false;
        const auto avoid = [&](const QRectF& rect, qreal gap) {
            const bool hit = rect.top() < bottom && rect.bottom() > top && rect.left() - gap < x &&
                             rect.right() + gap > x;
            if (hit) {
                x = right ? rect.right() + gap : rect.left() - gap;
                moved = true;
            }
        };
        for (const QRectF& card : obstacles.cards) {
            avoid(card, kLaneGap);
        }
        for (const QRectF& lane : obstacles.lanes) {
            avoid(lane, kLaneHalf);
        }
    }
    return x;
}

qreal nearestLane(QPointF from, QPointF to, qreal top, qreal bottom,
                  const WireObstacles& obstacles) {
    const qreal middle = (from.x() + to.x()) / 2;
    const qreal right = laneFrom(middle, top, bottom, obstacles, true);
    const qreal left = laneFrom(middle, top, bottom, obstacles, false);
    const auto detour = [&](qreal x) { return std::abs(x - from.x()) + std::abs(x - to.x()); };
    return detour(right) <= detour(left) ? right : left;
}

QPainterPath rounded(const std::vector<QPointF>& points) {
    QPainterPath path(points.front());
    for (std::size_t i = 1; i + 1 < points.size(); ++i) {
        const QLineF before(points[i], points[i - 1]);
        const QLineF after(points[i], points[i + 1]);
        const qreal radius = std::min({kCorner, before.length() / 2, after.length() / 2});
        if (radius < 0.5) {
            path.lineTo(points[i]);
            continue;
        }
        path.lineTo(before.pointAt(radius / before.length()));
        path.quadTo(points[i], after.pointAt(radius / after.length()));
    }
    path.lineTo(points.back());
    return path;
}

/// Against the flow: out, aside, back and in again.
WireRoute routeBack(QPointF from, QPointF to, const WireObstacles& obstacles) {
    const qreal out = from.y() + kStub;
    const qreal in = to.y() - kStub;
    const qreal lane = nearestLane(from, to, in, out, obstacles);
    return {rounded({from, {from.x(), out}, {lane, out}, {lane, in}, {to.x(), in}, to}),
            QRectF(lane - kLaneHalf, in, 2 * kLaneHalf, out - in),
            {lane, (in + out) / 2}};
}

WireRoute routeBeside(QPointF from, QPointF to, const WireObstacles& obstacles) {
    const qreal turn = std::min(kTurn, (to.y() - from.y()) / 2);
    const qreal top = from.y() + turn;
    const qreal bottom = to.y() - turn;
    const qreal lane = nearestLane(from, to, top, bottom, obstacles);
    QPainterPath path(from);
    path.cubicTo(from.x(), from.y() + turn * 0.6, lane, top - turn * 0.6, lane, top);
    path.lineTo(lane, bottom);
    path.cubicTo(lane, bottom + turn * 0.6, to.x(), to.y() - turn * 0.6, to.x(), to.y());
    return {path,
            QRectF(lane - kLaneHalf, top, 2 * kLaneHalf, bottom - top),
            {lane, (top + bottom) / 2}};
}

WireRoute routeDown(QPointF from, QPointF to, const WireObstacles& obstacles) {
    if (to.y() - from.y() < kClosest) {
        return routeBack(from, to, obstacles);
    }
    const QPainterPath direct = curve(from, to);
    return isFree(direct, obstacles.cards) ? WireRoute{direct, {}, (from + to) / 2}
                                           : routeBeside(from, to, obstacles);
}

QRectF turned(const QRectF& rect) {
    return {rect.y(), rect.x(), rect.height(), rect.width()};
}

std::vector<QRectF> turned(const std::vector<QRectF>& rects) {
    std::vector<QRectF> result;
    result.reserve(rects.size());
    for (const QRectF& rect : rects) {
        result.push_back(turned(rect));
    }
    return result;
}

QPainterPath turned(const QPainterPath& path) {
    return QTransform(0, 1, 1, 0, 0, 0).map(path);
}

} // namespace

WireRoute wireRoute(QPointF from, QPointF to, const WireObstacles& obstacles,
                    Qt::Orientation flow) {
    if (flow == Qt::Vertical) {
        return routeDown(from, to, obstacles);
    }
    const WireObstacles swapped{turned(obstacles.cards), turned(obstacles.lanes)};
    const WireRoute route = routeDown(from.transposed(), to.transposed(), swapped);
    return {turned(route.path), route.lane.isEmpty() ? QRectF() : turned(route.lane),
            route.middle.transposed()};
}

QPainterPath looseWire(QPointF from, QPointF to, Qt::Orientation flow) {
    if (flow == Qt::Vertical) {
        return curve(from, to);
    }
    return turned(curve(from.transposed(), to.transposed()));
}

qreal wireWidth(std::int64_t elements) {
    const double bits = std::log2(static_cast<double>(std::max<std::int64_t>(elements, 1)));
    return std::clamp(0.45 * bits, 1.5, 9.0);
}

} // namespace widgets
