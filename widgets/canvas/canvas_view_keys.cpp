#include "widgets/canvas/canvas_view.h"

#include "widgets/canvas/clipboard.h"

#include <QDragEnterEvent>
#include <QKeyEvent>
#include <QMimeData>
#include <algorithm>

namespace widgets {
namespace {

bool isArrow(int key) {
    return key == Qt::Key_Left || key == Qt::Key_Right || key == Qt::Key_Up || key == Qt::Key_Down;
}

QPointF direction(Qt::Key arrow) {
    return {arrow == Qt::Key_Left    ? -1.0
            : arrow == Qt::Key_Right ? 1.0
                                     : 0.0,
            arrow == Qt::Key_Up     ? -1.0
            : arrow == Qt::Key_Down ? 1.0
                                    : 0.0};
}

} // namespace

void CanvasView::keyPressEvent(QKeyEvent* event) {
    if (event->key() == Qt::Key_Escape && m_gesture != nullptr) {
        endGesture(false);
        m_pressed = Qt::NoButton;
        return;
    }
    if (isArrow(event->key()) && pressArrow(event)) {
        return;
    }
    if (pressShortcut(event)) {
        return;
    }
    QWidget::keyPressEvent(event);
}

bool CanvasView::pressArrow(QKeyEvent* event) {
    const auto arrow = static_cast<Qt::Key>(event->key());
    if (m_aim != nn::kNoNode && m_gesture != nullptr) {
        aimNext(arrow);
        return true;
    }
    if ((event->modifiers() & Qt::ShiftModifier) != 0) {
        nudge(arrow);
        return true;
    }
    walk(arrow, (event->modifiers() & Qt::ControlModifier) != 0);
    return true;
}

void CanvasView::walk(Qt::Key arrow, bool keepSelection) {
    const nn::NodeId next = m_scene.neighbour(m_current, arrow);
    if (next == nn::kNoNode) {
        return;
    }
    setCurrentNode(next);
    if (!keepSelection) {
        select({next});
    }
    showNode(next);
}

void CanvasView::nudge(Qt::Key arrow) {
    NodeSet moved = m_selection;
    if (moved.isEmpty() && m_current != nn::kNoNode) {
        moved.insert(m_current);
    }
    Positions positions;
    for (const nn::NodeId node : moved) {
        if (const Card* card = m_scene.card(node)) {
            positions[node] = card->rect.topLeft() + direction(arrow) * kGrid;
        }
    }
    if (!positions.isEmpty()) {
        emitWish(moveWish(m_scene.graph(), positions));
    }
}

/// While connecting by keyboard: the wire's end goes to the next card in this direction.
void CanvasView::aimNext(Qt::Key arrow) {
    const nn::NodeId next = m_scene.neighbour(m_aim, arrow);
    const Card* card = m_scene.card(next);
    if (card == nullptr) {
        return;
    }
    m_aim = next;
    setOverlay(m_gesture->moveTo(card->rect.center()));
    showNode(next);
}

bool CanvasView::pressShortcut(QKeyEvent* event) {
    const bool ctrl = (event->modifiers() & Qt::ControlModifier) != 0;
    if (event->matches(QKeySequence::SelectAll)) {
        selectAll();
    } else if (event->matches(QKeySequence::Copy)) {
        copySelection();
    } else if (event->matches(QKeySequence::Cut)) {
        cutSelection();
    } else if (event->matches(QKeySequence::Paste)) {
        paste();
    } else if (ctrl && event->key() == Qt::Key_Delete) {
        emitWish(removeWish(m_scene.graph(), m_selection, Gap::Close));
    } else if (event->key() == Qt::Key_Delete || event->key() == Qt::Key_Backspace) {
        removeSelection();
    } else if (ctrl && event->key() == Qt::Key_D) {
        duplicateSelection();
    } else if (ctrl && event->key() == Qt::Key_L) {
        beginConnect();
    } else if (event->key() == Qt::Key_Plus || (ctrl && event->key() == Qt::Key_Equal)) {
        zoomIn();
    } else if (event->key() == Qt::Key_Minus) {
        zoomOut();
    } else if (ctrl && event->key() == Qt::Key_0) {
        zoomTo(1.0);
    } else if (event->key() == Qt::Key_Escape && hasSelection()) {
        select({});
    } else if (event->key() == Qt::Key_Home || event->key() == Qt::Key_End) {
        const auto& order = m_scene.network().inference->order;
        if (order.empty()) {
            return false;
        }
        const nn::NodeId node = event->key() == Qt::Key_Home ? order.front() : order.back();
        setCurrentNode(node);
        select({node});
        showNode(node);
    } else if (event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter) {
        if (m_aim != nn::kNoNode && m_gesture != nullptr) {
            endGesture(true);
        } else if (m_current != nn::kNoNode) {
            emit propertiesWished(m_current);
        }
    } else if (event->key() == Qt::Key_Space) {
        if (ctrl && m_current != nn::kNoNode) {
            NodeSet nodes = m_selection;
            if (!nodes.remove(m_current)) {
                nodes.insert(m_current);
            }
            select(nodes);
        } else if (!event->isAutoRepeat()) {
            m_spaceHeld = true;
            setCursor(Qt::OpenHandCursor);
        }
    } else {
        return false;
    }
    return true;
}

void CanvasView::keyReleaseEvent(QKeyEvent* event) {
    if (event->key() == Qt::Key_Space && !event->isAutoRepeat()) {
        m_spaceHeld = false;
        if (!m_panning) {
            setCursor(Qt::ArrowCursor);
        }
        return;
    }
    QWidget::keyReleaseEvent(event);
}

bool CanvasView::focusNextPrevChild(bool next) {
    const auto& order = m_scene.network().inference->order;
    auto at = std::ranges::find(order, m_current);
    const bool entering = at == order.end();
    if (order.empty() || (!entering && at == (next ? order.end() - 1 : order.begin()))) {
        return QWidget::focusNextPrevChild(next);
    }
    const nn::NodeId node =
        entering ? (next ? order.front() : order.back()) : (next ? *(at + 1) : *(at - 1));
    setCurrentNode(node);
    select({node});
    showNode(node);
    return true;
}

void CanvasView::focusInEvent(QFocusEvent* event) {
    QWidget::focusInEvent(event);
    announceCurrent();
    update();
}

void CanvasView::focusOutEvent(QFocusEvent* event) {
    QWidget::focusOutEvent(event);
    m_spaceHeld = false;
    if (m_aim != nn::kNoNode) {
        endGesture(false);
    }
    update();
}

/// Where pasted layers go: to the pointer when it is over the canvas, else beside the selection.
QPointF CanvasView::placeToPaste() const {
    const QPoint pointer = mapFromGlobal(QCursor::pos());
    if (underMouse() && rect().contains(pointer)) {
        return toScene(pointer);
    }
    const QRectF taken = m_scene.boundsOf(m_selection);
    const QRectF wished(taken.isEmpty() ? visibleRect().center()
                                        : QPointF(taken.right() + 5 * kGrid, taken.top()),
                        usualCardSize());
    return freePlace(m_scene, wished).topLeft();
}

void CanvasView::updateDrop(const QString& type, QPointF viewPoint) {
    // Planned on the drawing as it is, shown with the room that is being made.
    endDrop();
    m_dropType = type;
    m_dropBefore = m_scene.positions();
    m_dropPlan = planDrop(m_scene, type, toScene(viewPoint));
    setOverlay(dropOverlay(m_scene, type, *m_dropPlan));
    if (!m_dropPlan->shifted.isEmpty()) {
        m_scene.place(m_dropPlan->shifted);
    }
}

/// Takes the preview of a drop away.
void CanvasView::endDrop() {
    if (m_dropPlan && !m_dropPlan->shifted.isEmpty()) {
        Positions back;
        for (auto card = m_dropPlan->shifted.keyBegin(); card != m_dropPlan->shifted.keyEnd();
             ++card) {
            back[*card] = m_dropBefore.value(*card);
        }
        m_scene.place(back);
    }
    m_dropPlan.reset();
}

void CanvasView::dragEnterEvent(QDragEnterEvent* event) {
    if (event->mimeData()->hasFormat(kLayerMimeType)) {
        event->acceptProposedAction();
        updateDrop(QString::fromUtf8(event->mimeData()->data(kLayerMimeType)), event->position());
    }
}

void CanvasView::dragMoveEvent(QDragMoveEvent* event) {
    if (event->mimeData()->hasFormat(kLayerMimeType)) {
        event->acceptProposedAction();
        dragAt(event->position());
        updateDrop(QString::fromUtf8(event->mimeData()->data(kLayerMimeType)), event->position());
    }
}

void CanvasView::dragLeaveEvent(QDragLeaveEvent* event) {
    QWidget::dragLeaveEvent(event);
    endDrop();
    setOverlay({});
}

void CanvasView::dropEvent(QDropEvent* event) {
    if (!event->mimeData()->hasFormat(kLayerMimeType)) {
        return;
    }
    event->acceptProposedAction();
    updateDrop(QString::fromUtf8(event->mimeData()->data(kLayerMimeType)), event->position());
    const EditWish wish = dropWish(m_scene, m_dropType, *m_dropPlan);
    endDrop();
    setOverlay({});
    setFocus(Qt::OtherFocusReason);
    emitWish(wish);
}

} // namespace widgets
