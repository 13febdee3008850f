#include "widgets/params/entry_button.h"

#include "widgets/theme.h"

#include <QFontMetrics>
#include <QStyleOptionToolButton>
#include <QStylePainter>
#include <algorithm>

namespace widgets {
namespace {

constexpr int kPadding = 3;
constexpr int kFlags = Qt::TextWordWrap | Qt::AlignLeft | Qt::AlignVCenter;
constexpr int kTall = 10'000;

/// "TopKAccuracy" may be broken before "Accuracy", not between "K" and "A" of "TopKA".
QString withBreaks(const QString& name) {
    QString broken;
    for (qsizetype i = 0; i < name.size(); ++i) {
        if (i > 0 && name[i].isUpper() && !name[i - 1].isUpper()) {
            broken += QChar(0x200B);
        }
        broken += name[i];
    }
    return broken;
}

} // namespace

EntryButton::EntryButton(const QString& name, QWidget* parent)
    : QToolButton(parent), m_lines(withBreaks(name)) {
    setText(name);
    setAccessibleName(name);
    setAutoRaise(true);
    setProperty("quiet", true); // open is no state of being pressed
    QSizePolicy policy(QSizePolicy::Expanding, QSizePolicy::Minimum);
    policy.setHeightForWidth(true);
    setSizePolicy(policy);
}

int EntryButton::textLeft() const {
    return kPadding + (icon().isNull() ? 0 : spacing::kIcon + spacing::kTight);
}

QSize EntryButton::sizeHint() const {
    const int width = fontMetrics().horizontalAdvance(text()) + textLeft() + kPadding + 2;
    return {width, heightForWidth(width)};
}

QSize EntryButton::minimumSizeHint() const {
    constexpr int kLeast = 96;
    return {kLeast, fontMetrics().height() + spacing::kUnit};
}

int EntryButton::heightForWidth(int width) const {
    const QRect room(0, 0, width - textLeft() - kPadding, kTall);
    return fontMetrics().boundingRect(room, kFlags & ~Qt::AlignVCenter, m_lines).height() +
           spacing::kUnit;
}

void EntryButton::paintEvent(QPaintEvent* /*event*/) {
    QStylePainter painter(this);
    QStyleOptionToolButton option;
    initStyleOption(&option);
    option.text.clear();
    option.icon = {};
    painter.drawComplexControl(QStyle::CC_ToolButton, option);
    const int side = spacing::kIcon;
    if (!icon().isNull()) {
        icon().paint(&painter, {kPadding, (height() - side) / 2, side, side});
    }
    painter.drawItemText(rect().adjusted(textLeft(), 0, -kPadding, 0), kFlags, palette(),
                         isEnabled(), m_lines, QPalette::ButtonText);
}

} // namespace widgets
