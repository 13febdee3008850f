#pragma once

#include <QApplication>
#include <QDragEnterEvent>
#include <QMimeData>
#include <QMouseEvent>
#include <QTest>
#include <QWidget>

namespace testing {

/// Moves the pointer with a button held; QTest's own moves carry no buttons.
inline void dragTo(QWidget* widget, QPoint to, Qt::MouseButton button = Qt::LeftButton) {
    QMouseEvent move(QEvent::MouseMove, QPointF(to), QPointF(widget->mapToGlobal(to)), Qt::NoButton,
                     button, Qt::NoModifier);
    QApplication::sendEvent(widget, &move);
}

inline void drag(QWidget* widget, QPoint from, QPoint to, Qt::MouseButton button = Qt::LeftButton) {
    QTest::mousePress(widget, button, Qt::NoModifier, from);
    dragTo(widget, (from + to) / 2, button);
    dragTo(widget, to, button);
    QTest::mouseRelease(widget, button, Qt::NoModifier, to);
}

/// Drops data on a widget as a drag from elsewhere would: enter, move, drop.
inline bool drop(QWidget* widget, const QMimeData& data, QPoint at) {
    QDragEnterEvent enter(at, Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
    QApplication::sendEvent(widget, &enter);
    if (!enter.isAccepted()) {
        return false;
    }
    QDragMoveEvent move(at, Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
    QApplication::sendEvent(widget, &move);
    QDropEvent end(QPointF(at), Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
    QApplication::sendEvent(widget, &end);
    return end.isAccepted();
}

} // namespace testing
