#include "widgets/canvas/canvas_view.h"

#include "nn/base/text.h"

#include <QApplication>
#include <QContextMenuEvent>
#include <QGestureEvent>
#include <QHelpEvent>
#include <QMouseEvent>
#include <QNativeGestureEvent>
#include <QPinchGesture>
#include <QToolTip>
#include <QWheelEvent>
#include <cmath>

namespace widgets {
namespace {

constexpr qreal kPortReach = 9.0; // on screen
constexpr qreal kWireReach = 5.0; // on the screen: the pointer is on the wire
constexpr double kWheelPerStep = 120.0;
constexpr double kScrollPerStep = 60.0;

QString wireTip(const CanvasScene& scene, const Wire& wire) {
    const Card* from = scene.card(wire.edge.from);
    const Card* to = scene.card(wire.edge.to);
    QString tip = from->name + QStringLiteral(" → ") + to->name;
    if (from->elements) {
        const std::int64_t count = *from->elements;
        tip += QStringLiteral("\n") +
               CanvasView::tr("%1: %2 numbers, %3 for one image")
                   .arg(from->shape, fromUtf8(nn::withThousands(count)),
                        fromUtf8(nn::byteText(count * std::int64_t{sizeof(float)})));
    }
    return tip;
}

} // namespace

CanvasView::Hover CanvasView::hoverAt(QPointF viewPoint) const {
    const QPointF at = toScene(viewPoint);
    Hover hover;
    hover.port = m_scene.portAt(at, kPortReach / m_zoom);
    if (hover.port) {
        const Card* card = m_scene.card(hover.port->node);
        if (!hover.port->isOutput && card->maxInputs == 0) {
            hover.port.reset();
        }
    }
    const Card* card = m_scene.cardAt(at);
    if (card != nullptr) {
        hover.card = card->id;
        hover.repair = !hover.port && card->repairRect().contains(at);
    } else if (!hover.port) {
        const Wire* wire = m_scene.wireAt(at, kWireReach / m_zoom);
        hover.wire = wire == nullptr ? std::nullopt : std::optional(wire->edge);
    }
    return hover;
}

void CanvasView::setHover(const Hover& hover) {
    if (hover == m_hover) {
        return;
    }
    m_hover = hover;
    setCursor(m_spaceHeld                              ? Qt::OpenHandCursor
              : hover.port                             ? Qt::CrossCursor
              : hover.repair || hover.wire.has_value() ? Qt::PointingHandCursor
                                                       : Qt::ArrowCursor);
    update();
}

void CanvasView::mousePressEvent(QMouseEvent* event) {
    m_pressedAt = event->position();
    m_pressed = event->button();
    m_pressedCard = nn::kNoNode;
    m_pressedPort = {};
    const bool pans =
        event->button() == Qt::MiddleButton || (event->button() == Qt::LeftButton && m_spaceHeld);
    if (pans) {
        m_panning = true;
        setCursor(Qt::ClosedHandCursor);
        return;
    }
    if (m_gesture != nullptr) {
        endGesture(false);
    }
    setHover(hoverAt(event->position()));
    if (m_hover.port && event->button() == Qt::LeftButton) {
        m_pressedPort = *m_hover.port;
        return;
    }
    if (const Card* card = m_scene.card(m_hover.card)) {
        pressCard(*card, event);
        return;
    }
    const bool adds = (event->modifiers() & (Qt::ControlModifier | Qt::ShiftModifier)) != 0;
    if (m_hover.wire) {
        select({}, m_hover.wire);
    } else if (!adds && event->button() == Qt::LeftButton) {
        m_current = nn::kNoNode;
        select({});
    }
}

void CanvasView::pressCard(const Card& card, QMouseEvent* event) {
    m_pressedCard = card.id;
    m_clickSelects = false;
    setCurrentNode(card.id);
    NodeSet nodes = m_selection;
    if ((event->modifiers() & Qt::ControlModifier) != 0) {
        if (!nodes.remove(card.id)) {
            nodes.insert(card.id);
        }
    } else if ((event->modifiers() & Qt::ShiftModifier) != 0) {
        nodes.insert(card.id);
    } else if (!nodes.contains(card.id)) {
        nodes = {card.id};
    } else {
        m_clickSelects = true; // unless it becomes a drag of all selected cards
    }
    select(nodes);
}

void CanvasView::startDrag(QPointF at) {
    const QPointF start = toScene(m_pressedAt);
    if (m_pressedPort.node != nn::kNoNode) {
        m_gesture = connectGesture(m_scene, m_pressedPort);
    } else if (m_pressedCard != nn::kNoNode) {
        NodeSet moved = m_selection;
        moved.insert(m_pressedCard);
        m_clickSelects = false;
        m_gesture = moveGesture(m_scene, moved, m_pressedCard, start);
    } else {
        m_gesture = rubberBandGesture(m_scene, start, m_selection);
    }
    setOverlay(m_gesture->moveTo(toScene(at)));
}

void CanvasView::mouseMoveEvent(QMouseEvent* event) {
    const QPointF at = event->position();
    if (m_panning) {
        m_origin -= (at - m_pressedAt) / m_zoom;
        m_pressedAt = at;
        update();
        return;
    }
    if (m_gesture != nullptr && m_pressed == Qt::LeftButton) {
        dragAt(at);
        setOverlay(m_gesture->moveTo(toScene(at)));
        if (const std::optional<NodeSet> chosen = m_gesture->selection()) {
            select(*chosen);
        }
        return;
    }
    const bool dragged = (at - m_pressedAt).manhattanLength() >= QApplication::startDragDistance();
    if (m_pressed == Qt::LeftButton && dragged && !m_hover.repair && !m_hover.wire) {
        startDrag(at);
    } else if (m_pressed == Qt::NoButton) {
        setHover(hoverAt(at));
    }
}

void CanvasView::mouseReleaseEvent(QMouseEvent* event) {
    if (event->button() != m_pressed) {
        return;
    }
    m_pressed = Qt::NoButton;
    if (m_panning) {
        m_panning = false;
        setCursor(m_spaceHeld ? Qt::OpenHandCursor : Qt::ArrowCursor);
        return;
    }
    if (m_gesture != nullptr && event->button() == Qt::LeftButton) {
        endGesture(true);
    } else if (event->button() == Qt::LeftButton && m_hover.repair &&
               m_hover.card == m_pressedCard) {
        const Card* card = m_scene.card(m_pressedCard);
        if (card != nullptr && !card->repairs.empty()) {
            emitWish(repairWish(nn::Repair(card->repairs.front())));
        }
    } else if (m_clickSelects) {
        select({m_pressedCard});
    }
    m_clickSelects = false;
    m_pressedPort = {};
    setHover(hoverAt(event->position()));
}

void CanvasView::mouseDoubleClickEvent(QMouseEvent* event) {
    const Card* card = m_scene.cardAt(toScene(event->position()));
    if (card != nullptr && event->button() == Qt::LeftButton) {
        emit propertiesWished(card->id);
    }
}

void CanvasView::leaveEvent(QEvent* event) {
    QWidget::leaveEvent(event);
    setHover({});
}

void CanvasView::wheelEvent(QWheelEvent* event) {
    if ((event->modifiers() & Qt::ControlModifier) != 0) {
        m_zooming.start();
        zoomAbout(event->position(),
                  m_zoom * std::pow(1.2, event->angleDelta().y() / kWheelPerStep));
    } else {
        QPointF scroll = event->pixelDelta();
        if (scroll.isNull()) {
            scroll = QPointF(event->angleDelta()) * (kScrollPerStep / kWheelPerStep);
        }
        if ((event->modifiers() & Qt::ShiftModifier) != 0 && scroll.x() == 0.0) {
            scroll = scroll.transposed();
        }
        m_origin -= scroll / m_zoom;
        update();
    }
    event->accept();
}

QString CanvasView::tipAt(QPointF viewPoint) const {
    const QPointF at = toScene(viewPoint);
    if (const Card* card = m_scene.cardAt(at)) {
        QString tip = card->sentence();
        for (const nn::Repair& repair : card->repairs) {
            tip += QStringLiteral("\n→ ") + fromUtf8(repair.title);
        }
        return tip;
    }
    const Wire* wire = m_scene.wireAt(at, kWireReach / m_zoom);
    return wire == nullptr ? QString() : wireTip(m_scene, *wire);
}

bool CanvasView::event(QEvent* event) {
    if (event->type() == QEvent::ToolTip) {
        const auto* help = static_cast<QHelpEvent*>(event);
        QToolTip::showText(help->globalPos(), plainTip(tipAt(help->pos())), this);
        return true;
    }
    if (event->type() == QEvent::NativeGesture) {
        const auto* gesture = static_cast<QNativeGestureEvent*>(event);
        if (gesture->gestureType() == Qt::ZoomNativeGesture) {
            m_zooming.start();
            zoomAbout(gesture->position(), m_zoom * (1.0 + gesture->value()));
            return true;
        }
    }
    if (event->type() == QEvent::Gesture) {
        auto* gestures = static_cast<QGestureEvent*>(event);
        if (auto* pinch = static_cast<QPinchGesture*>(gestures->gesture(Qt::PinchGesture))) {
            m_zooming.start();
            zoomAbout(mapFromGlobal(pinch->centerPoint()), m_zoom * pinch->scaleFactor());
            return true;
        }
    }
    return QWidget::event(event);
}

void CanvasView::contextMenuEvent(QContextMenuEvent* event) {
    QPoint place = event->globalPos();
    if (event->reason() == QContextMenuEvent::Keyboard) {
        if (const Card* card = m_scene.card(m_current)) {
            select(m_selection.contains(m_current) ? m_selection : NodeSet{m_current});
            place = mapToGlobal(toView(card->rect.center()).toPoint());
        }
    } else {
        m_pressed = Qt::NoButton;
    }
    showMenu(place);
}

} // namespace widgets
