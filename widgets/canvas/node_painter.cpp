#include "widgets/canvas/node_painter.h"

#include "widgets/icons.h"

#include <QFontMetricsF>

namespace widgets {
namespace {

constexpr qreal kFullDetail = 0.42;  // below: only what can still be read
constexpr qreal kLeastDetail = 0.13; // below: a coloured block
constexpr qreal kRadius = spacing::kCardRadius;
constexpr qreal kTile = 32.0; // of the category icon
constexpr qreal kTextLeft = kCardPadding + kTile + 8.0;
constexpr qreal kIconDensity = 2.0;

QFont pixelFont(const QFont& base, int pixels, QFont::Weight weight) {
    QFont font = base;
    font.setPixelSize(pixels);
    font.setWeight(weight);
    font.setHintingPreference(QFont::PreferNoHinting); // the same widths at every zoom
    return font;
}

QString elided(const QFont& font, const QString& text, qreal width) {
    const QFontMetricsF metrics(font);
    // Most texts fit; measuring is cheaper than eliding.
    return metrics.horizontalAdvance(text) <= width
               ? text
               : metrics.elidedText(text, Qt::ElideRight, width);
}

void drawLine(QPainter& painter, const QFont& font, const QRectF& line, const QString& text,
              Qt::Alignment alignment) {
    painter.setFont(font);
    painter.drawText(line, static_cast<int>(alignment | Qt::AlignVCenter) | Qt::TextSingleLine,
                     elided(font, text, line.width()));
}

QColor faded(QColor color, int alpha) {
    color.setAlpha(alpha);
    return color;
}

void drawRing(QPainter& painter, const QRectF& rect, const QColor& color, qreal width) {
    painter.setPen(QPen(color, width));
    painter.setBrush(Qt::NoBrush);
    painter.drawRoundedRect(rect, kRadius, kRadius);
}

/// A message in as many lines as there is room for, the last one elided.
void drawMessage(QPainter& painter, const QFont& font, const QRectF& rect, const QString& text) {
    const QFontMetricsF metrics(font);
    const qreal height = metrics.lineSpacing();
    QString rest = text;
    QRectF line(rect.left(), rect.top(), rect.width(), height);
    while (!rest.isEmpty() && line.bottom() <= rect.bottom() + 1.0) {
        const bool isLast = line.bottom() + height > rect.bottom() + 1.0;
        qsizetype end = rest.size();
        while (!isLast && end > 0 && metrics.horizontalAdvance(rest.first(end)) > rect.width()) {
            end = rest.lastIndexOf(u' ', end - 1);
        }
        end = end <= 0 ? rest.size() : end;
        drawLine(painter, font, line, rest.first(end), Qt::AlignLeft);
        rest = rest.mid(end + 1);
        line.translate(0.0, height);
    }
}

} // namespace

NodePainter::NodePainter(const Theme& theme, const QFont& base)
    : m_theme(theme), m_nameFont(pixelFont(base, 13, QFont::DemiBold)),
      m_shapeFont(pixelFont(base, 12, QFont::DemiBold)),
      m_smallFont(pixelFont(base, 11, QFont::Normal)) {
    for (std::size_t i = 0; i < m_icons.size(); ++i) {
        m_icons[i] = iconPixmap(fromUtf8(kCategoryNames[i]), theme.card, 20, kIconDensity);
    }
    m_errorIcon = iconPixmap(u"error", theme.error, 16, kIconDensity);
    m_warningIcon = iconPixmap(u"warning", theme.warning, 16, kIconDensity);
    m_repairIcon = iconPixmap(u"repair", theme.accent, 14, kIconDensity);
}

QColor NodePainter::categoryColor(nn::Category category) const {
    return m_theme.categories[static_cast<std::size_t>(category)];
}

void NodePainter::paint(QPainter& painter, const Card& card, const CardLook& look,
                        const QList<QPixmap>& strip, qreal zoom) const {
    if (look.dimmed) {
        painter.setOpacity(kDimmed);
    }
    if (isFull(zoom)) {
        paintFull(painter, card, look);
    } else {
        paintCoarse(painter, card, look, strip, zoom);
    }
    painter.setOpacity(1.0);
}

bool NodePainter::isFull(qreal zoom) {
    return zoom >= kFullDetail;
}

void NodePainter::paintFull(QPainter& painter, const Card& card, const CardLook& look) const {
    paintFrame(painter, card, look);
    paintHeader(painter, card);
    if (card.failed) {
        paintProblem(painter, card, look.repairHovered);
    }
    if (card.severity) {
        paintBadge(painter, card);
    }
}

void NodePainter::paintFrame(QPainter& painter, const Card& card, const CardLook& look) const {
    const QRectF rect = card.rect;
    const bool hasError = card.severity == nn::Severity::Error;
    if (look.current) {
        drawRing(painter, rect.adjusted(-4, -4, 4, 4), m_theme.focus, spacing::kFocusWidth);
    }
    if (hasError) {
        // A glow: what is wrong is seen from afar.
        for (const auto& [width, alpha] : {std::pair{14.0, 22}, {9.0, 40}, {5.0, 70}}) {
            drawRing(painter, rect, faded(m_theme.error, alpha), width);
        }
    } else {
        painter.setPen(Qt::NoPen);
        painter.setBrush(m_theme.cardShadow);
        painter.drawRoundedRect(rect.adjusted(-0.5, 1.5, 0.5, 2.5), kRadius, kRadius);
    }
    QColor border = hasError ? m_theme.error : m_theme.cardBorder;
    qreal width = 1.0;
    if (look.selected || look.target) {
        border = look.target ? m_theme.success : m_theme.accent;
        width = 2.0;
    } else if (look.hovered && !hasError) {
        border = m_theme.controlBorder;
    }
    painter.setPen(QPen(border, width));
    painter.setBrush(m_theme.card);
    painter.drawRoundedRect(rect, kRadius, kRadius);
}

void NodePainter::paintHeader(QPainter& painter, const Card& card) const {
    const QRectF rect = card.rect;
    const QPointF corner = rect.topLeft() + QPointF(kCardPadding, kCardPadding);
    painter.setPen(Qt::NoPen);
    painter.setBrush(card.trainable ? categoryColor(card.category)
                                    : faded(categoryColor(card.category), 120));
    painter.drawRoundedRect(QRectF(corner, QSizeF(kTile, kTile)), 6, 6);
    const qreal inset = (kTile - 20.0) / 2;
    painter.drawPixmap(QRectF(corner + QPointF(inset, inset), QSizeF(20, 20)),
                       m_icons[static_cast<std::size_t>(card.category)], {});

    const qreal right = rect.right() - kCardPadding;
    const qreal left = rect.left() + kTextLeft;
    const qreal shapeWidth =
        std::min(QFontMetricsF(m_shapeFont).horizontalAdvance(card.shape) + 2.0, 110.0);
    const QRectF first(left, rect.top() + 7.0, right - left, 18.0);
    painter.setPen(card.hasOutput ? m_theme.text : m_theme.mutedText);
    drawLine(painter, m_shapeFont, first.adjusted(first.width() - shapeWidth, 0, 0, 0), card.shape,
             Qt::AlignRight);
    painter.setPen(m_theme.text);
    drawLine(painter, m_nameFont, first.adjusted(0, 0, -shapeWidth - 6.0, 0), card.name,
             Qt::AlignLeft);

    const QRectF second(left, first.bottom(), right - left, 16.0);
    QString right2 = card.params;
    if (!card.trainable) {
        right2 = right2.isEmpty() ? QObject::tr("frozen") : QObject::tr("%1, frozen").arg(right2);
    }
    const qreal paramsWidth =
        std::min(QFontMetricsF(m_smallFont).horizontalAdvance(right2) + 2.0, 120.0);
    painter.setPen(m_theme.mutedText);
    drawLine(painter, m_smallFont, second.adjusted(second.width() - paramsWidth, 0, 0, 0), right2,
             Qt::AlignRight);
    drawLine(painter, m_smallFont, second.adjusted(0, 0, -paramsWidth - 6.0, 0), card.type,
             Qt::AlignLeft);
    if (!card.arguments.isEmpty()) {
        painter.setPen(m_theme.text);
        drawLine(painter, m_smallFont,
                 {rect.left() + kCardPadding, second.bottom() + 1.0,
                  rect.width() - 2 * kCardPadding, 16.0},
                 card.arguments, Qt::AlignLeft);
    }
}

void NodePainter::paintStrip(QPainter& painter, const Card& card,
                             const QList<QPixmap>& strip) const {
    const QRectF room = card.stripRect();
    if (room.isEmpty() || card.failed || !card.hasOutput) {
        return;
    }
    if (strip.size() == 1 && strip.front().width() > 2 * strip.front().height()) {
        painter.drawPixmap(room, strip.front(), {});
        return;
    }
    for (int i = 0; i < kStripCount; ++i) {
        const QRectF tile(room.left() + i * (kStripSide + kStripGap), room.top(), kStripSide,
                          kStripSide);
        if (i >= strip.size()) {
            if (strip.isEmpty()) {
                painter.fillRect(tile, m_theme.tileBackground);
            }
            continue;
        }
        const QPixmap& map = strip[i];
        const QSizeF size = map.deviceIndependentSize().scaled(tile.size(), Qt::KeepAspectRatio);
        const QPointF corner = tile.center() - QPointF(size.width() / 2, size.height() / 2);
        painter.drawPixmap(QRectF(corner, size), map, {});
    }
}

void NodePainter::paintProblem(QPainter& painter, const Card& card, bool repairHovered) const {
    const QRectF room = card.stripRect();
    if (room.isEmpty()) {
        return;
    }
    painter.setPen(Qt::NoPen);
    painter.setBrush(m_theme.errorFill);
    painter.drawRoundedRect(room, spacing::kRadius, spacing::kRadius);
    painter.setPen(m_theme.error);
    const QString message = card.problems.isEmpty()
                                ? QObject::tr("This layer is not known here.")
                                : withoutLayer(card.problems.front(), card.name);
    drawMessage(painter, m_smallFont, room.adjusted(6, 3, -6, -3), message);
    const QRectF repair = card.repairRect();
    if (repair.isEmpty()) {
        return;
    }
    painter.drawPixmap(QRectF(repair.left() + 2.0, repair.center().y() - 7.0, 14.0, 14.0),
                       m_repairIcon, {});
    painter.setPen(m_theme.accent);
    QFont font = m_smallFont;
    font.setUnderline(repairHovered);
    drawLine(painter, font, repair.adjusted(20, 0, 0, 0), fromUtf8(card.repairs.front().title),
             Qt::AlignLeft);
}

void NodePainter::paintBadge(QPainter& painter, const Card& card) const {
    if (card.severity == nn::Severity::Info) {
        return;
    }
    const QPixmap& icon = card.severity == nn::Severity::Error ? m_errorIcon : m_warningIcon;
    const QRectF badge(card.rect.right() - 12.0, card.rect.top() - 10.0, 22.0, 22.0);
    painter.setPen(QPen(card.severity == nn::Severity::Error ? m_theme.error : m_theme.warning, 1));
    painter.setBrush(m_theme.card);
    painter.drawEllipse(badge);
    painter.drawPixmap(badge.adjusted(3, 3, -3, -3), icon, {});
}

void NodePainter::paintCoarse(QPainter& painter, const Card& card, const CardLook& look,
                              const QList<QPixmap>& strip, qreal zoom) const {
    const QRectF rect = card.rect;
    const bool hasError = card.severity == nn::Severity::Error;
    QColor frame = hasError ? m_theme.error : m_theme.cardBorder;
    if (look.selected || look.current || look.target) {
        frame = look.target ? m_theme.success : m_theme.accent;
    }
    painter.setRenderHint(QPainter::Antialiasing, false);
    if (zoom < kLeastDetail) {
        const bool isLoud = hasError || look.selected || look.current;
        painter.fillRect(rect, isLoud ? frame : categoryColor(card.category));
        painter.setRenderHint(QPainter::Antialiasing, true);
        return;
    }
    const qreal line = (hasError || look.selected || look.current ? 2.5 : 1.0) / zoom;
    painter.fillRect(rect.adjusted(-line, -line, line, line), frame);
    painter.fillRect(rect, hasError ? m_theme.errorFill : m_theme.card);
    painter.fillRect(QRectF(rect.topLeft(), QSizeF(16.0, rect.height())),
                     categoryColor(card.category));
    painter.setRenderHint(QPainter::Antialiasing, true);
    const qreal height = std::min(11.0 / zoom, 44.0);
    const QRectF text(rect.left() + 24.0, rect.top() + 4.0, rect.width() - 28.0, height * 1.2);
    painter.setPen(m_theme.text);
    drawLine(painter, pixelFont(m_nameFont, static_cast<int>(height), QFont::Normal), text,
             card.name, Qt::AlignLeft);
    const QRectF room = card.stripRect();
    if (!room.isEmpty() && room.top() > text.bottom() && !strip.isEmpty()) {
        painter.save();
        painter.setClipRect(rect.adjusted(20, 0, 0, 0));
        paintStrip(painter, card, strip);
        painter.restore();
    }
}

void NodePainter::paintGhost(QPainter& painter, const QRectF& rect, const QString& type,
                             nn::Category category) const {
    painter.setPen(QPen(m_theme.accent, 2.0, Qt::DashLine));
    painter.setBrush(m_theme.card);
    painter.drawRoundedRect(rect, kRadius, kRadius);
    const QPointF corner = rect.topLeft() + QPointF(kCardPadding, kCardPadding);
    painter.setPen(Qt::NoPen);
    painter.setBrush(categoryColor(category));
    painter.drawRoundedRect(QRectF(corner, QSizeF(kTile, kTile)), 6, 6);
    painter.drawPixmap(QRectF(corner + QPointF(6, 6), QSizeF(20, 20)),
                       m_icons[static_cast<std::size_t>(category)], {});
    painter.setPen(m_theme.text);
    drawLine(painter, m_nameFont,
             {rect.left() + kTextLeft, corner.y(), rect.width() - kTextLeft - kCardPadding, kTile},
             type, Qt::AlignLeft);
}

} // namespace widgets
