#pragma once

#include "widgets/canvas/canvas_scene.h"
#include "widgets/theme.h"

#include <QFont>
#include <QPainter>

namespace widgets {

enum class WireLook { Plain, Hovered, Selected, Split };

/// Draws wires, as thick as what they carry, with arrow heads and shapes.
class WirePainter {
public:
    WirePainter(const Theme& theme, const QFont& base, Qt::Orientation flow);

    /// The painter is scaled by `zoom` already.
    void paint(QPainter& painter, const Wire& wire, WireLook look, qreal zoom) const;
    /// The shape it carries; above the cards.
    void paintLabel(QPainter& painter, const Wire& wire, WireLook look, qreal zoom) const;
    /// A wire that is not there yet.
    void paintLoose(QPainter& painter, const QPainterPath& path, bool valid) const;
    void paintPort(QPainter& painter, QPointF at, bool highlighted) const;

private:
    [[nodiscard]] QColor colorOf(WireLook look) const;

    Theme m_theme;
    Qt::Orientation m_flow;
    QFont m_font;
    QColor m_quiet; ///< Of plain wires: thick ones must not outshine the cards.
};

} // namespace widgets
