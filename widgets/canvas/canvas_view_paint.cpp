#include "widgets/canvas/canvas_view.h"

#include "nn/model/registry.h"
#include "widgets/canvas/card_cache.h"
#include "widgets/canvas/node_painter.h"
#include "widgets/canvas/wire_painter.h"
#include "widgets/icons.h"

#include <QPaintEvent>
#include <cmath>

namespace widgets {
namespace {

constexpr double kDotSpacing = 24.0;
constexpr double kCachedFrom = 0.13; // below a card is a mere block

} // namespace

void CanvasView::makePainters() {
    m_nodePainter = std::make_unique<NodePainter>(m_theme, font());
    m_wirePainter = std::make_unique<WirePainter>(m_theme, font(), m_scene.flow());
    m_cache->clear();
}

void CanvasView::paintEvent(QPaintEvent* event) {
    QPainter painter(this);
    painter.setClipRect(event->rect());
    paintDots(painter);
    painter.setRenderHints(QPainter::Antialiasing | QPainter::SmoothPixmapTransform);
    if (isEmpty() && m_overlay.ghost.isEmpty()) {
        paintEmpty(painter);
    }
    painter.save();
    painter.scale(m_zoom, m_zoom);
    painter.translate(-m_origin);
    paintDrawing(painter);
    paintOverlay(painter);
    painter.restore();
    if (hasFocus() && m_current == nn::kNoNode) {
        painter.setPen(QPen(m_theme.focus, spacing::kFocusWidth));
        painter.setBrush(Qt::NoBrush);
        painter.drawRect(QRectF(rect()).adjusted(1, 1, -1, -1));
    }
    noteView();
}

void CanvasView::paintDots(QPainter& painter) const {
    double spacing = kDotSpacing * m_zoom;
    while (spacing < 14.0) {
        spacing *= 2.0;
    }
    // One tile of whole pixels repeated is far cheaper than thousands of points.
    const int side = static_cast<int>(std::round(spacing * 2.0));
    const qreal ratio = devicePixelRatioF();
    QPixmap tile(QSize(side, side) * ratio);
    tile.setDevicePixelRatio(ratio);
    tile.fill(m_theme.canvas);
    QPainter dots(&tile);
    for (const double x : {0.25, 0.75}) {
        for (const double y : {0.25, 0.75}) {
            dots.fillRect(QRectF(std::floor(side * x), std::floor(side * y), 1.5, 1.5),
                          m_theme.canvasDot);
        }
    }
    dots.end();
    const QPointF shift(std::fmod(m_origin.x() * m_zoom, side),
                        std::fmod(m_origin.y() * m_zoom, side));
    painter.drawTiledPixmap(rect(), tile, (shift + QPointF(side, side)).toPoint());
}

WireLook CanvasView::lookOf(const Wire& wire) const {
    if (m_overlay.split == wire.edge) {
        return WireLook::Split;
    }
    if (m_selectedWire == wire.edge) {
        return WireLook::Selected;
    }
    return m_hover.wire == wire.edge ? WireLook::Hovered : WireLook::Plain;
}

void CanvasView::paintDrawing(QPainter& painter) const {
    m_cache->begin(m_zoom, m_zooming.isActive() ? Sharpness::Quick : Sharpness::Exact);
    const qreal border = 24.0;
    const QRectF seen = visibleRect().adjusted(-border, -border, border, border);
    const auto isSeen = [&](const Wire& wire) {
        return wire.bounds.intersects(seen) && m_overlay.hidden != wire.edge;
    };
    for (const Wire& wire : m_scene.wires()) {
        if (isSeen(wire)) {
            m_wirePainter->paint(painter, wire, lookOf(wire), m_zoom);
        }
    }
    for (const Card& card : m_scene.cards()) {
        if (!card.rect.intersects(seen)) {
            continue;
        }
        const CardLook look{
            .selected = m_selection.contains(card.id),
            .current = hasFocus() && card.id == m_current,
            .hovered = m_hover.card == card.id,
            .target = m_overlay.target == card.id,
            .dimmed = m_overlay.dimOthers && !m_overlay.targets.contains(card.id) &&
                      card.id != m_pressedPort.node && card.id != m_current,
            .repairHovered = m_hover.card == card.id && m_hover.repair,
        };
        if (m_zoom < kCachedFrom) {
            m_nodePainter->paint(painter, card, look, {}, m_zoom);
            continue;
        }
        painter.save();
        painter.resetTransform();
        painter.setRenderHint(QPainter::SmoothPixmapTransform, false);
        m_cache->draw(painter, *m_nodePainter, card, look, m_scene.strip(card.id),
                      toView(card.rect.topLeft()));
        painter.restore();
        if (NodePainter::isFull(m_zoom)) {
            paintPorts(painter, card);
        }
    }
    for (const Wire& wire : m_scene.wires()) {
        if (isSeen(wire)) {
            m_wirePainter->paintLabel(painter, wire, lookOf(wire), m_zoom);
        }
    }
}

void CanvasView::paintPorts(QPainter& painter, const Card& card) const {
    const bool isHovered =
        m_hover.card == card.id || (m_hover.port && m_hover.port->node == card.id);
    const bool invites = m_overlay.dimOthers && m_overlay.targets.contains(card.id);
    const bool isSelected = m_selection.contains(card.id);
    if (!isHovered && !invites && !isSelected) {
        return;
    }
    const auto highlighted = [&](const Port& port) { return m_hover.port == port; };
    for (int port = 0; port < card.ports && card.maxInputs > 0; ++port) {
        m_wirePainter->paintPort(painter, card.inputPoint(port, m_scene.flow()),
                                 highlighted({card.id, false, port}));
    }
    if (!invites) {
        m_wirePainter->paintPort(painter, card.outputPoint(m_scene.flow()),
                                 highlighted({card.id, true, 0}));
    }
}

void CanvasView::paintOverlay(QPainter& painter) const {
    for (const QPainterPath& wire : m_overlay.ghostWires) {
        m_wirePainter->paintLoose(painter, wire, true);
    }
    if (!m_overlay.looseWire.isEmpty()) {
        m_wirePainter->paintLoose(painter, m_overlay.looseWire, m_overlay.valid);
    }
    if (!m_overlay.ghost.isEmpty()) {
        const nn::LayerDef* def = nn::findLayerDef(m_overlay.ghostType.toStdString());
        m_nodePainter->paintGhost(painter, m_overlay.ghost, m_overlay.ghostType,
                                  def == nullptr ? nn::Category::Core : def->category);
    }
    painter.setBrush(Qt::NoBrush);
    QPen guide(m_theme.accent, 1.0, Qt::DashLine);
    guide.setCosmetic(true);
    painter.setPen(guide);
    for (const QLineF& line : m_overlay.guides) {
        painter.drawLine(line);
    }
    if (!m_overlay.rubberBand.isEmpty()) {
        QColor fill = m_theme.accent;
        fill.setAlpha(28);
        QPen edge(m_theme.accent, 1.0);
        edge.setCosmetic(true);
        painter.setPen(edge);
        painter.setBrush(fill);
        painter.drawRect(m_overlay.rubberBand);
    }
}

void CanvasView::paintEmpty(QPainter& painter) const {
    const QRectF area = QRectF(rect()).adjusted(24, 0, -24, 0);
    const qreal top = area.center().y() - 64.0;
    const QPixmap picture = iconPixmap(u"layout", m_theme.mutedText, 40, devicePixelRatioF());
    painter.drawPixmap(QPointF(area.center().x() - 20.0, top), picture);
    painter.setPen(m_theme.text);
    painter.setFont(m_theme.font(TextRole::Heading, font()));
    painter.drawText(QRectF(area.left(), top + 56.0, area.width(), 24.0), Qt::AlignCenter,
                     tr("Drag a layer here"));
    painter.setPen(m_theme.mutedText);
    painter.setFont(m_theme.font(TextRole::Body, font()));
    painter.drawText(QRectF(area.left(), top + 84.0, area.width(), 48.0),
                     Qt::AlignHCenter | Qt::AlignTop | Qt::TextWordWrap,
                     tr("Double-click one in the palette, or choose a template.\n"
                        "A network starts with an InputLayer."));
}

} // namespace widgets
