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
        m_bytes -= isOld ? bytesOf(entry.value().picture) : 0;
        return isOld;
    });
}

void CardCache::begin(double zoom, Sharpness sharpness) {
    m_zoom = zoom;
    m_sharpness = sharpness;
}

void CardCache::redraw(Entry& entry, const NodePainter& node, const Card& card,
                       const QList<QPixmap>& strip) const {
    const QSizeF size =
        (card.rect.size() + QSizeF(2 * kMargin, 2 * kMargin)) * m_zoom * entry.ratio;
    entry.picture = QPixmap(std::max(1, static_cast<int>(std::ceil(size.width()))),
                            std::max(1, static_cast<int>(std::ceil(size.height()))));
    entry.picture.setDevicePixelRatio(entry.ratio);
    entry.picture.fill(Qt::transparent);
    entry.version = card.version;
    entry.stripVersion = card.stripVersion;
    entry.zoom = m_zoom;
    QPainter fresh(&entry.picture);
    fresh.setRenderHints(QPainter::Antialiasing | QPainter::SmoothPixmapTransform);
    fresh.scale(m_zoom, m_zoom);
    fresh.translate(QPointF(kMargin, kMargin) - card.rect.topLeft());
    node.paint(fresh, card, entry.look, strip, m_zoom);
}

void CardCache::draw(QPainter& painter, const NodePainter& node, const Card& card,
                     const CardLook& look, const QList<QPixmap>& strip, QPointF place) {
    const qreal ratio = painter.device()->devicePixelRatioF();
    Entry& entry = m_entries[card.id];
    const bool fits = !entry.picture.isNull() && entry.version == card.version &&
                      entry.look == look && entry.ratio == ratio &&
                      (NodePainter::isFull(entry.zoom) || entry.stripVersion == card.stripVersion);
    const bool usable =
        entry.zoom == m_zoom || (m_sharpness == Sharpness::Quick &&
                                 NodePainter::isFull(entry.zoom) == NodePainter::isFull(m_zoom));
    if (!fits || !usable) {
        m_bytes -= bytesOf(entry.picture);
        entry.look = look;
        entry.ratio = ratio;
        redraw(entry, node, card, strip);
        m_bytes += bytesOf(entry.picture);
    }
    entry.used = ++m_clock;
    // On whole pixels of the screen: sharp, and much faster.
    const QPointF corner = (place - QPointF(kMargin, kMargin) * m_zoom) * ratio;
    const QPointF target = QPointF(std::round(corner.x()), std::round(corner.y())) / ratio;
    if (entry.zoom == m_zoom) {
        painter.drawPixmap(target, entry.picture);
    } else {
        painter.drawPixmap(
            QRectF(target, entry.picture.deviceIndependentSize() * (m_zoom / entry.zoom)),
            entry.picture, {});
    }
    if (m_bytes > kMostBytes) {
        forgetOldest();
    }
}

} // namespace widgets
