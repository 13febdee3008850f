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
    if (cards == m_cards && seen == m_seen) {
        return;
    }
    QRectF whole = seen;
    for (const MapCard& card : cards) {
        whole = whole.united(card.rect);
    }
    if (cards != m_cards || whole != m_whole) {
        m_picture = {};
    }
    m_cards = cards;
    m_seen = seen;
    m_whole = whole;
    update();
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

QPixmap CanvasMap::cardsPicture() const {
    QPixmap picture(size() * devicePixelRatioF());
    picture.setDevicePixelRatio(devicePixelRatioF());
    picture.fill(Qt::transparent);
    QPainter painter(&picture);
    painter.setRenderHint(QPainter::Antialiasing);
    for (const MapCard& card : m_cards) {
        QRectF place = toMap(card.rect);
        place.setSize(place.size().expandedTo({2.0, 2.0}));
        painter.fillRect(place, card.color);
    }
    return picture;
}

void CanvasMap::paintEvent(QPaintEvent* /*event*/) {
    if (m_picture.isNull() || m_picture.devicePixelRatio() != devicePixelRatioF()) {
        m_picture = cardsPicture();
    }
    const Theme& theme = Theme::of(this);
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(theme.controlBorder);
    painter.setBrush(theme.panel);
    painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), spacing::kRadius,
                            spacing::kRadius);
    painter.drawPixmap(0, 0, m_picture);
    QColor fill = theme.accent;
    constexpr int kFaint = 30;
    fill.setAlpha(kFaint);
    painter.setPen(QPen(theme.accent, 1.5));
    painter.setBrush(fill);
    painter.drawRect(toMap(m_seen));
}

void CanvasMap::resizeEvent(QResizeEvent* event) {
    QWidget::resizeEvent(event);
    m_picture = {};
}

void CanvasMap::changeEvent(QEvent* event) {
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange) {
        m_picture = {};
    }
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
