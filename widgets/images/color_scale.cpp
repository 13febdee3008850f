#include "widgets/images/color_scale.h"

#include <QEvent>
#include <QPainter>

namespace widgets {
namespace {

constexpr int kBarWidth = 128;
constexpr int kBarHeight = 8;

} // namespace

ColorScale::ColorScale(QWidget* parent) : QWidget(parent), m_theme(Theme::of(this)) {
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
    setAccessibleName(tr("Colour scale"));
}

void ColorScale::setScale(ColorMapName map, ValueRange range, const QString& note) {
    if (m_isRelative || map != m_map || !(range == m_range) || note != m_note) {
        m_isRelative = false;
        m_map = map;
        m_range = range;
        m_note = note;
        updateAccessibleText();
        update();
    }
}

void ColorScale::setRelativeScale(ColorMapName map, const QString& note) {
    if (!m_isRelative || map != m_map || note != m_note) {
        m_isRelative = true;
        m_map = map;
        m_note = note;
        updateAccessibleText();
        update();
    }
}

void ColorScale::setTheme(const Theme& theme) {
    m_theme = theme;
    updateGeometry();
    update();
}

QString ColorScale::text() const {
    const QString range = m_isRelative ? tr("lowest … highest") : rangeText(m_range);
    return m_note.isEmpty() ? range : QStringLiteral("%1, %2").arg(range, m_note);
}

void ColorScale::updateAccessibleText() {
    setAccessibleDescription(text());
    setToolTip(QStringLiteral("%1: %2").arg(colorMapTitle(m_map), text()));
}

QSize ColorScale::sizeHint() const {
    const QFontMetrics metrics(m_theme.font(TextRole::Small, font()));
    return {kBarWidth + metrics.horizontalAdvance(m_note) + 4 * spacing::kUnit + 120,
            std::max(kBarHeight, metrics.height()) + spacing::kUnit};
}

QSize ColorScale::minimumSizeHint() const {
    return {kBarWidth, sizeHint().height()};
}

void ColorScale::paintEvent(QPaintEvent* /*event*/) {
    QPainter painter(this);
    const QFont small = m_theme.font(TextRole::Small, font());
    const QFontMetrics metrics(small);
    painter.setFont(small);
    const QString low = m_isRelative ? tr("lowest") : numberText(m_range.low);
    const QString high = m_isRelative ? tr("highest") : numberText(m_range.high);

    const auto drawText = [&](int left, const QString& words, const QColor& color) {
        const int room = std::max(0, width() - left);
        painter.setPen(color);
        painter.drawText(QRect(left, 0, room, height()), Qt::AlignVCenter | Qt::AlignLeft,
                         metrics.elidedText(words, Qt::ElideRight, room));
        return left + metrics.horizontalAdvance(words);
    };
    int x = drawText(0, low, m_theme.text) + 6;
    const ColorMap& map = colorMap(m_map);
    QImage strip(ColorMap::kEntries, 1, QImage::Format_RGB32);
    std::copy(map.table().begin(), map.table().end(), reinterpret_cast<QRgb*>(strip.scanLine(0)));
    // The bar gives way, so that both ends stay readable.
    const int room = width() - x - metrics.horizontalAdvance(high) - 7;
    const QRect bar(x, (height() - kBarHeight) / 2, std::clamp(room, kBarHeight, kBarWidth),
                    kBarHeight);
    painter.drawImage(bar, strip);
    painter.setPen(m_theme.border);
    painter.drawRect(bar.adjusted(0, 0, -1, -1));
    if (map.isDiverging() && !m_isRelative) {
        painter.setPen(m_theme.text);
        const int middle = bar.center().x();
        painter.drawLine(middle, bar.top() - 2, middle, bar.bottom() + 2);
    }
    x = drawText(bar.right() + 7, high, m_theme.text);
    if (!m_note.isEmpty()) {
        drawText(x + 10, QStringLiteral("· ") + m_note, m_theme.mutedText);
    }
}

void ColorScale::changeEvent(QEvent* event) {
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange) {
        setTheme(Theme::of(this));
    }
}

} // namespace widgets
