#pragma once

#include "widgets/canvas/node_painter.h"

#include <QHash>

namespace widgets {

/// Pictures of cards as they are at one zoom: while the canvas is panned nothing is drawn anew.
class CardCache {
public:
    /// Draws a card at its place in the view; the painter is not scaled.
    void draw(QPainter& painter, const NodePainter& node, const Card& card, const CardLook& look,
              const QList<QPixmap>& strip, QPointF place, double zoom);
    void clear();

private:
    struct Entry {
        quint64 version = 0;
        CardLook look;
        QPixmap picture;
        quint64 used = 0;
    };
    void forgetOldest();

    QHash<nn::NodeId, Entry> m_entries;
    double m_zoom = 0.0;
    qreal m_ratio = 0.0;
    qsizetype m_bytes = 0;
    quint64 m_clock = 0;
};

} // namespace widgets
