#include "widgets/label_room.h"

#include <QEvent>
#include <QLabel>

namespace widgets {

LabelRoom::LabelRoom(QLabel* label, QWidget* parent) : QWidget(parent), m_label(label) {
    m_label->setParent(this);
    setSizePolicy(m_label->sizePolicy());
    fit();
}

QSize LabelRoom::sizeHint() const {
    return m_room;
}

QSize LabelRoom::minimumSizeHint() const {
    return {std::min(m_label->minimumSizeHint().width(), m_room.width()), m_room.height()};
}

bool LabelRoom::hasHeightForWidth() const {
    return m_label->wordWrap();
}

int LabelRoom::heightForWidth(int width) const {
    return m_label->wordWrap() ? m_label->heightForWidth(width) : m_room.height();
}

bool LabelRoom::event(QEvent* event) {
    // The label posts this with every new text.
    if (event->type() == QEvent::LayoutRequest || event->type() == QEvent::Show) {
        fit();
    }
    return QWidget::event(event);
}

void LabelRoom::resizeEvent(QResizeEvent* event) {
    QWidget::resizeEvent(event);
    m_label->setGeometry(rect());
    fit();
}

void LabelRoom::fit() {
    const bool wraps = m_label->wordWrap();
    const int height = wraps ? m_label->heightForWidth(width()) : 0;
    if (wraps && height == m_room.height()) {
        return; // its width matters only with another height, and takes laying out the text again
    }
    const QSize hint = m_label->sizeHint();
    const bool isSame = !wraps && hint.height() == m_room.height() &&
                        hint.width() <= m_room.width() && 4 * hint.width() >= 3 * m_room.width();
    if (!isSame) {
        m_room = wraps ? QSize(hint.width(), height) : hint;
        updateGeometry();
    }
}

} // namespace widgets
