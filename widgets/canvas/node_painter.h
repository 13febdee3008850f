#pragma once

#include "widgets/canvas/card.h"
#include "widgets/theme.h"

#include <QFont>
#include <QPainter>
#include <QPixmap>
#include <array>

namespace widgets {

inline constexpr qreal kDimmed = 0.45; ///< Opacity of cards a wire cannot end at.

/// The state a card is drawn in.
struct CardLook {
    bool selected = false;
    bool current = false; ///< Has the keyboard focus.
    bool hovered = false;
    bool target = false; ///< A wire being drawn can end here.
    bool dimmed = false; ///< A wire being drawn cannot end here.
    bool repairHovered = false;
    bool operator==(const CardLook&) const = default;
};

/// Draws cards: in full, or with less detail the further away they are.
class NodePainter {
public:
    NodePainter(const Theme& theme, const QFont& base);

    /// Near enough for all there is to say; the strip is then drawn apart, because it lives.
    [[nodiscard]] static bool isFull(qreal zoom);
    void paintStrip(QPainter& painter, const Card& card, const QList<QPixmap>& strip) const;
    /// The card without its strip, if near enough. The painter is scaled by `zoom` already.
    void paint(QPainter& painter, const Card& card, const CardLook& look,
               const QList<QPixmap>& strip, qreal zoom) const;
    /// A card that is not there yet.
    void paintGhost(QPainter& painter, const QRectF& rect, const QString& type,
                    nn::Category category) const;

private:
    void paintFull(QPainter& painter, const Card& card, const CardLook& look) const;
    void paintCoarse(QPainter& painter, const Card& card, const CardLook& look,
                     const QList<QPixmap>& strip, qreal zoom) const;
    void paintFrame(QPainter& painter, const Card& card, const CardLook& look) const;
    void paintHeader(QPainter& painter, const Card& card) const;
    void paintProblem(QPainter& painter, const Card& card, bool repairHovered) const;
    void paintBadge(QPainter& painter, const Card& card) const;
    [[nodiscard]] QColor categoryColor(nn::Category category) const;

    Theme m_theme;
    QFont m_nameFont;
    QFont m_shapeFont;
    QFont m_smallFont;
    std::array<QPixmap, nn::kCategoryCount> m_icons;
    QPixmap m_errorIcon;
    QPixmap m_warningIcon;
    QPixmap m_repairIcon;
    QPixmap m_frozenIcon;
};

} // namespace widgets
