#include "widgets/canvas/canvas_map.h"

#include "widgets/theme.h"

#include <QMouseEvent>
#include <QPainter>
#include <algorithm>

namespace widgets {
namespace {

constexpr double kInset = 6.0;

} // namespace

CanvasMap::CanvasMap(QWidget* parent) : QWidget(parent) {
    setObjectName(QStringLiteral("canvas-map"));
    setAccessibleName(tr("Map of the network"));
    setToolTip(tr("The whole network; click or drag to go elsewhere."));
    setCursor(Qt::PointingHandCursor);
    setFocusPolicy(Qt::NoFocus);
    resize(sizeHint());
}

void CanvasMap::setDrawing(const QList<MapCard>& cards, const QRectF& seen) {
    if (cards != m_cards || seen != m_seen) {
        m_cards = cards;
        m_seen = seen;
        m_whole = seen;
        for (const MapCard& card : cards) {
            m_whole = m_whole.united(card.rect);
        }
        update();
    }
}

double CanvasMap::scale() const {
    return std::min((width() - 2.0 * kInset) / std::max(m_whole.width(), 1.0),
                    (height() - 2.0 * kInset) / std::max(m_whole.height(), 1.0));
}

QRectF CanvasMap::toMap(const QRectF& rect) const {
    const QPointF shift = QRectF(this->rect()).center();
    const QPointF center = m_whole.center();
    return {(rect.topLeft() - center) * scale() + shift, rect.size() * scale()};
}

void CanvasMap::paintEvent(QPaintEvent* /*event*/) {
    const Theme& theme = Theme::of(this);
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(theme.controlBorder);
    painter.setBrush(theme.panel);
    painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), spacing::kRadius,
                            spacing::kRadius);
    for (const MapCard& card : m_cards) {
        QRectF place = toMap(card.rect);
        place.setSize(place.size().expandedTo({2.0, 2.0}));
        painter.fillRect(place, card.color);
    }
    QColor fill = theme.accent;
    constexpr int kFaint = 30;
    fill.setAlpha(kFaint);
    painter.setPen(QPen(theme.accent, 1.5));
    painter.setBrush(fill);
    painter.drawRect(toMap(m_seen));
}

void CanvasMap::wishCenter(QPointF at) {
    emit centerWished((at - QRectF(rect()).center()) / scale() + m_whole.center());
}

void CanvasMap::mousePressEvent(QMouseEvent* event) {
    if (event->button() == Qt::LeftButton) {
        wishCenter(event->position());
    }
}

void CanvasMap::mouseMoveEvent(QMouseEvent* event) {
    if ((event->buttons() & Qt::LeftButton) != 0) {
        wishCenter(event->position());
    }
}

} // namespace widgets
