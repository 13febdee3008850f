#include "nn/model/registry.h"
#include "widgets/canvas/canvas_map.h"
#include "widgets/canvas/canvas_view.h"

#include <QResizeEvent>
#include <algorithm>

namespace widgets {
namespace {

constexpr double kBorder = 28.0;    // within it a drag moves the drawing
constexpr double kMostSpeed = 14.0; // pixels for each tick
constexpr int kMapMargin = 12;
constexpr QSize kLeastForMap(420, 320);

/// How fast the drawing moves while something is dragged to this place of a view `extent` long.
double pushAt(double place, double extent) {
    const double before = std::max(kBorder - place, 0.0);
    const double behind = std::max(place - (extent - kBorder), 0.0);
    return kMostSpeed * (std::min(behind, kBorder) - std::min(before, kBorder)) / kBorder;
}

} // namespace

/// Moves the drawing while a gesture or a layer from the palette is held at the border.
void CanvasView::pushBorder() {
    const bool drags = m_gesture != nullptr || m_dropPlan.has_value();
    const QPointF push(pushAt(m_pointer.x(), width()), pushAt(m_pointer.y(), height()));
    if (!drags || push.isNull()) {
        m_pushing.stop();
        return;
    }
    m_origin += push / m_zoom;
    if (m_gesture != nullptr) {
        setOverlay(m_gesture->moveTo(toScene(m_pointer)));
        if (const std::optional<NodeSet> chosen = m_gesture->selection()) {
            select(*chosen);
        }
    } else {
        updateDrop(m_dropType, m_pointer);
    }
    update();
}

void CanvasView::dragAt(QPointF viewPoint) {
    m_pointer = viewPoint;
    const bool pushes =
        pushAt(viewPoint.x(), width()) != 0.0 || pushAt(viewPoint.y(), height()) != 0.0;
    if (pushes && !m_pushing.isActive()) {
        m_pushing.start();
    }
}

void CanvasView::makeMap() {
    m_map = new CanvasMap(this);
    m_map->hide();
    connect(m_map, &CanvasMap::centerWished, this, [this](QPointF point) {
        m_origin = point - QPointF(width(), height()) / (2.0 * m_zoom);
        update();
    });
    constexpr int kTick = 25;
    m_pushing.setInterval(kTick);
    connect(&m_pushing, &QTimer::timeout, this, &CanvasView::pushBorder);
}

/// The map is there only while a part of the drawing is out of view.
void CanvasView::showMap() {
    const QRectF seen = visibleRect();
    const bool isWanted = !isEmpty() && !seen.contains(m_scene.bounds()) &&
                          width() >= kLeastForMap.width() && height() >= kLeastForMap.height();
    m_map->setVisible(isWanted);
    if (!isWanted) {
        return;
    }
    QList<MapCard> cards;
    for (const Card& card : m_scene.cards()) {
        const nn::LayerDef* def = nn::findLayerDef(card.type.toStdString());
        cards.append(
            {card.rect, def == nullptr
                            ? m_theme.mutedText
                            : m_theme.categories[static_cast<std::size_t>(def->category)]});
    }
    m_map->setDrawing(cards, seen);
    m_map->move(width() - m_map->width() - kMapMargin, height() - m_map->height() - kMapMargin);
}

/// Called when something was painted: the view moved in one of many ways.
void CanvasView::noteView() {
    const QRectF seen = visibleRect();
    const QRectF bounds = m_scene.bounds();
    if (seen != m_mappedView || bounds != m_mappedBounds) {
        m_mappedView = seen;
        m_mappedBounds = bounds;
        QMetaObject::invokeMethod(this, &CanvasView::showMap, Qt::QueuedConnection);
    }
}

} // namespace widgets
