#include "widgets/canvas/card_cache.h"

#include <QPaintDevice>
#include <algorithm>
#include <cmath>

namespace widgets {
namespace {

constexpr qreal kMargin = 18.0; // glow, focus ring and badge reach outside the card
constexpr qsizetype kMostBytes = 96 * 1024 * 1024;

qsizetype bytesOf(const QPixmap& picture) {
    return qsizetype{4} * picture.width() * picture.height();
}

} // namespace

void CardCache::clear() {
    m_entries.clear();
    m_bytes = 0;
}

void CardCache::forgetOldest() {
    const quint64 limit = m_clock - static_cast<quint64>(m_entries.size() / 2);
    m_entries.removeIf([&](const auto& entry) {
        const bool isOld = entry.value().used <= limit;
        m_bytes -=
            isOld ? bytesOf(entry.value().card.pixmap) + bytesOf(entry.value().strip.pixmap) : 0;
        return isOld;
    });
}

void CardCache::begin(double zoom, Sharpness sharpness) {
    m_zoom = zoom;
    m_sharpness = sharpness;
}

bool CardCache::isUsable(const Picture& picture, quint64 version, qreal ratio) const {
    const bool fits =
        !picture.pixmap.isNull() && picture.version == version && picture.ratio == ratio;
    const bool sameDetail = NodePainter::isFull(picture.zoom) == NodePainter::isFull(m_zoom);
    return fits && (picture.zoom == m_zoom || (m_sharpness == Sharpness::Quick && sameDetail));
}

void CardCache::redraw(Picture& picture, const QRectF& area, quint64 version, qreal ratio,
                       const std::function<void(QPainter&)>& paint) {
    m_bytes -= bytesOf(picture.pixmap);
    const QSizeF size = area.size() * m_zoom * ratio;
    picture.pixmap = QPixmap(std::max(1, static_cast<int>(std::ceil(size.width()))),
                             std::max(1, static_cast<int>(std::ceil(size.height()))));
    m_bytes += bytesOf(picture.pixmap);
    picture.pixmap.setDevicePixelRatio(ratio);
    picture.pixmap.fill(Qt::transparent);
    picture.version = version;
    picture.zoom = m_zoom;
    picture.ratio = ratio;
    QPainter painter(&picture.pixmap);
    painter.setRenderHints(QPainter::Antialiasing | QPainter::SmoothPixmapTransform);
    painter.scale(m_zoom, m_zoom);
    painter.translate(-area.topLeft());
    paint(painter);
}

void CardCache::show(QPainter& painter, const Picture& picture, QPointF corner) const {
    // On whole pixels of the screen: sharp, and much faster.
    const QPointF pixels = corner * picture.ratio;
    const QPointF target = QPointF(std::round(pixels.x()), std::round(pixels.y())) / picture.ratio;
    if (picture.zoom == m_zoom) {
        painter.drawPixmap(target, picture.pixmap);
    } else {
        const QSizeF size = picture.pixmap.deviceIndependentSize() * (m_zoom / picture.zoom);
        painter.drawPixmap(QRectF(target, size), picture.pixmap, {});
    }
}

void CardCache::draw(QPainter& painter, const NodePainter& node, const Card& card,
                     const CardLook& look, const QList<QPixmap>& strip, QPointF place) {
    const qreal ratio = painter.device()->devicePixelRatioF();
    const bool isFull = NodePainter::isFull(m_zoom);
    Entry& entry = m_entries[card.id];
    // Far away the strip is part of the card.
    const quint64 version = isFull ? card.version : std::max(card.version, card.stripVersion);
    if (entry.look != look || !isUsable(entry.card, version, ratio)) {
        entry.look = look;
        const QRectF area = card.rect.adjusted(-kMargin, -kMargin, kMargin, kMargin);
        redraw(entry.card, area, version, ratio,
               [&](QPainter& fresh) { node.paint(fresh, card, look, strip, m_zoom); });
    }
    show(painter, entry.card, place - QPointF(kMargin, kMargin) * m_zoom);
    const QRectF room = card.stripRect();
    if (isFull && !room.isEmpty() && !card.failed) {
        if (!isUsable(entry.strip, card.stripVersion, ratio)) {
            redraw(entry.strip, room, card.stripVersion, ratio,
                   [&](QPainter& fresh) { node.paintStrip(fresh, card, strip); });
        }
        painter.setOpacity(look.dimmed ? kDimmed : 1.0);
        show(painter, entry.strip, place + (room.topLeft() - card.rect.topLeft()) * m_zoom);
        painter.setOpacity(1.0);
    }
    entry.used = ++m_clock;
    if (m_bytes > kMostBytes) {
        forgetOldest();
    }
}

} // namespace widgets
