#pragma once

#include "widgets/canvas/node_painter.h"

#include <QHash>
#include <functional>

namespace widgets {

enum class Sharpness {
    Exact, ///< Drawn for this zoom.
    Quick, ///< A picture of another zoom will do, scaled: while the zoom is changing.
};

/// Pictures of cards: while the canvas is panned or zoomed they are not drawn anew.
class CardCache {
public:
    /// Draws a card at its place in the view; the painter is not scaled.
    void draw(QPainter& painter, const NodePainter& node, const Card& card, const CardLook& look,
              const QList<QPixmap>& strip, QPointF place);
    /// How the cards drawn from now on are shown.
    void begin(double zoom, Sharpness sharpness);
    void clear();

private:
    struct Picture {
        quint64 version = 0;
        double zoom = 0.0;
        qreal ratio = 0.0;
        QPixmap pixmap;
    };
    struct Entry {
        CardLook look;
        Picture card;
        Picture strip; ///< Apart from the card: it changes while the network trains.
        quint64 used = 0;
    };

    [[nodiscard]] bool isUsable(const Picture& picture, quint64 version, qreal ratio) const;
    /// An empty picture of a part of the scene, and a painter's way to draw into it.
    void redraw(Picture& picture, const QRectF& area, quint64 version, qreal ratio,
                const std::function<void(QPainter&)>& paint);
    void show(QPainter& painter, const Picture& picture, QPointF corner) const;
    void forgetOldest();

    QHash<nn::NodeId, Entry> m_entries;
    double m_zoom = 1.0;
    Sharpness m_sharpness = Sharpness::Exact;
    qsizetype m_bytes = 0;
    quint64 m_clock = 0;
};

} // namespace widgets
