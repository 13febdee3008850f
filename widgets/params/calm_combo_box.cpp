#include "widgets/params/calm_combo_box.h"

#include "widgets/text.h"

#include <QAbstractItemView>
#include <QHelpEvent>
#include <QStyleOptionComboBox>
#include <QStylePainter>
#include <QToolTip>
#include <QWheelEvent>
#include <algorithm>

namespace widgets {

QString CalmComboBox::shortened(const QString& text) const {
    QStyleOptionComboBox option;
    initStyleOption(&option);
    const QRect field =
        style()->subControlRect(QStyle::CC_ComboBox, &option, QStyle::SC_ComboBoxEditField, this);
    return fontMetrics().elidedText(text, Qt::ElideMiddle, field.width());
}

void CalmComboBox::showPopup() {
    constexpr int kFrame = 28; // scroll bar and borders
    view()->setMinimumWidth(std::max(width(), view()->sizeHintForColumn(0) + kFrame));
    QComboBox::showPopup();
}

bool CalmComboBox::event(QEvent* event) {
    if (event->type() == QEvent::ToolTip && shortened(currentText()) != currentText()) {
        const QString help = toolTip();
        QToolTip::showText(static_cast<QHelpEvent*>(event)->globalPos(),
                           plainTip(currentText()) + (help.isEmpty() ? help : "<br>" + help), this);
        return true;
    }
    return QComboBox::event(event);
}

void CalmComboBox::paintEvent(QPaintEvent* /*event*/) {
    QStylePainter painter(this);
    painter.setPen(palette().color(QPalette::Text));
    QStyleOptionComboBox option;
    initStyleOption(&option);
    painter.drawComplexControl(QStyle::CC_ComboBox, option);
    if (currentIndex() < 0) {
        option.palette.setBrush(QPalette::ButtonText, option.palette.placeholderText());
        option.currentText = placeholderText();
    }
    option.currentText = shortened(option.currentText);
    painter.drawControl(QStyle::CE_ComboBoxLabel, option);
}

void CalmComboBox::wheelEvent(QWheelEvent* event) {
    event->ignore();
}

} // namespace widgets
