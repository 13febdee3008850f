#include "widgets/vertical_scroll_area.h"

#include <QEvent>
#include <QScrollBar>

namespace widgets {

VerticalScrollArea::VerticalScrollArea(QWidget* parent) : QScrollArea(parent) {
    setWidgetResizable(true);
    setFrameShape(QFrame::NoFrame);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
}

void VerticalScrollArea::setContent(QWidget* content) {
    setWidget(content);
    content->installEventFilter(this);
    m_least = minimumSizeHint().width();
    updateGeometry();
}

QSize VerticalScrollArea::minimumSizeHint() const {
    QSize size = QScrollArea::minimumSizeHint();
    if (widget() != nullptr) {
        size.setWidth(widget()->minimumSizeHint().width() +
                      verticalScrollBar()->sizeHint().width() + 2 * frameWidth());
    }
    return size;
}

bool VerticalScrollArea::eventFilter(QObject* watched, QEvent* event) {
    // Only what is passed on to the page around it: a text that changes inside is no matter of it.
    if (watched == widget() && event->type() == QEvent::LayoutRequest &&
        m_least != minimumSizeHint().width()) {
        m_least = minimumSizeHint().width();
        updateGeometry();
    }
    return QScrollArea::eventFilter(watched, event);
}

} // namespace widgets
