#include "widgets/canvas/wire_painter.h"

#include <QFontMetricsF>
#include <algorithm>

namespace widgets {
namespace {

constexpr qreal kCurves = 0.13;    // below: straight thin lines
constexpr qreal kHeads = 0.3;      // below: neither heads nor smooth edges
constexpr qreal kLabels = 0.6;     // below: no shapes beside wires
constexpr qreal kLabelRoom = 32.0; // a shorter wire has no room for its shape

QColor mixed(const QColor& a, const QColor& b, float part) {
    const float rest = 1.0F - part;
    return QColor::fromRgbF(a.redF() * part + b.redF() * rest,
                            a.greenF() * part + b.greenF() * rest,
                            a.blueF() * part + b.blueF() * rest);
}

/// Every wire ends along the flow, so its head points that way.
void drawHead(QPainter& painter, QPointF tip, Qt::Orientation flow, qreal width,
              const QColor& color) {
    const qreal size = 6.0 + width * 0.7;
    const QPointF along = flow == Qt::Vertical ? QPointF(0.0, -size) : QPointF(-size, 0.0);
    const QPointF across = along.transposed() * 0.62;
    painter.setPen(Qt::NoPen);
    painter.setBrush(color);
    const QPointF corners[] = {tip, tip + along + across, tip + along - across};
    painter.drawPolygon(corners, 3);
}

} // namespace

WirePainter::WirePainter(const Theme& theme, const QFont& base, Qt::Orientation flow)
    : m_theme(theme), m_flow(flow), m_font(base), m_quiet(mixed(theme.wire, theme.canvas, 0.6F)) {
    m_font.setPixelSize(11);
    m_font.setHintingPreference(QFont::PreferNoHinting);
}

QColor WirePainter::colorOf(WireLook look) const {
    switch (look) {
    case WireLook::Plain:
        return m_quiet;
    case WireLook::Hovered:
        return m_theme.wire;
    case WireLook::Selected:
    case WireLook::Split:
        return m_theme.accent;
    }
    return m_quiet;
}

void WirePainter::paint(QPainter& painter, const Wire& wire, WireLook look, qreal zoom) const {
    const QColor color = colorOf(look);
    if (zoom < kCurves) {
        QPen pen(color, look == WireLook::Plain ? 1.0 : 2.0);
        pen.setCosmetic(true);
        painter.setPen(pen);
        painter.setBrush(Qt::NoBrush);
        painter.drawLine(wire.path.elementAt(0), wire.path.currentPosition());
        return;
    }
    painter.setPen(QPen(color, wire.width, Qt::SolidLine, Qt::FlatCap, Qt::RoundJoin));
    painter.setBrush(Qt::NoBrush);
    painter.setRenderHint(QPainter::Antialiasing, zoom >= kHeads);
    painter.drawPath(wire.path);
    painter.setRenderHint(QPainter::Antialiasing, true);
    if (zoom >= kHeads) {
        drawHead(painter, wire.path.currentPosition(), m_flow, wire.width, color);
    }
}

void WirePainter::paintLabel(QPainter& painter, const Wire& wire, WireLook look, qreal zoom) const {
    const bool asked = look == WireLook::Hovered || look == WireLook::Selected;
    if (wire.label.isEmpty() || (!asked && (zoom < kLabels || wire.length < kLabelRoom))) {
        return;
    }
    const qreal scale = asked ? std::max(1.0, 0.8 / zoom) : 1.0;
    const qreal width = QFontMetricsF(m_font).horizontalAdvance(wire.label) + 10.0;
    painter.save();
    // Beside the wire: its thickness says how much it carries.
    const qreal beside = wire.width / 2 + 4.0;
    painter.translate(wire.labelPoint +
                      (m_flow == Qt::Vertical ? QPointF(beside, 0) : QPointF(0, beside)));
    painter.scale(scale, scale);
    const QRectF pill = m_flow == Qt::Vertical ? QRectF(0.0, -8.0, width, 16.0)
                                               : QRectF(-width / 2, 0.0, width, 16.0);
    painter.setPen(asked ? QPen(colorOf(look), 1.0) : QPen(Qt::NoPen));
    painter.setBrush(m_theme.canvas);
    painter.drawRoundedRect(pill, 8.0, 8.0);
    painter.setPen(asked ? m_theme.text : m_theme.wireText);
    painter.setFont(m_font);
    painter.drawText(pill, Qt::AlignCenter, wire.label);
    painter.restore();
}

void WirePainter::paintLoose(QPainter& painter, const QPainterPath& path, bool valid) const {
    const QColor color = valid ? m_theme.accent : m_theme.error;
    painter.setPen(QPen(color, 2.5, Qt::DashLine, Qt::RoundCap));
    painter.setBrush(Qt::NoBrush);
    painter.drawPath(path);
    drawHead(painter, path.currentPosition(), m_flow, 2.5, color);
}

void WirePainter::paintPort(QPainter& painter, QPointF at, bool highlighted) const {
    painter.setPen(QPen(highlighted ? m_theme.accent : m_theme.wire, 1.5));
    painter.setBrush(highlighted ? m_theme.accent : m_theme.card);
    const qreal radius = highlighted ? 6.0 : 4.0;
    painter.drawEllipse(at, radius, radius);
}

} // namespace widgets
