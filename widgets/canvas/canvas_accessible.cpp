#include "widgets/canvas/canvas_accessible.h"

#include "widgets/canvas/canvas_view.h"

#include <QAccessibleWidget>
#include <algorithm>

namespace widgets {
namespace {

/// One card for a screen reader. It lives as long as the canvas' interface; a card that is gone
/// makes it invalid.
class CardAccessible final : public QAccessibleInterface, public QAccessibleActionInterface {
public:
    CardAccessible(CanvasView* canvas, nn::NodeId node) : m_canvas(canvas), m_node(node) {}

    bool isValid() const override { return card() != nullptr; }
    QObject* object() const override { return nullptr; }
    QWindow* window() const override { return m_canvas->window()->windowHandle(); }
    QAccessibleInterface* parent() const override {
        return QAccessible::queryAccessibleInterface(m_canvas);
    }
    QAccessibleInterface* childAt(int, int) const override { return nullptr; }
    QAccessibleInterface* child(int) const override { return nullptr; }
    int childCount() const override { return 0; }
    int indexOfChild(const QAccessibleInterface*) const override { return -1; }
    QAccessible::Role role() const override { return QAccessible::ListItem; }

    QString text(QAccessible::Text kind) const override {
        const Card* found = card();
        return kind == QAccessible::Name && found != nullptr ? found->sentence() : QString();
    }
    void setText(QAccessible::Text, const QString&) override {}

    QRect rect() const override {
        const Card* found = card();
        if (found == nullptr) {
            return {};
        }
        const QRect inView = m_canvas->toView(found->rect).toAlignedRect();
        return {m_canvas->mapToGlobal(inView.topLeft()), inView.size()};
    }

    QAccessible::State state() const override {
        QAccessible::State state;
        state.selectable = true;
        state.focusable = true;
        state.selected = m_canvas->selection().contains(m_node);
        state.focused = m_canvas->hasFocus() && m_canvas->currentNode() == m_node;
        state.invalid = card() == nullptr;
        state.offscreen = !m_canvas->rect().intersects(
            card() == nullptr ? QRect() : m_canvas->toView(card()->rect).toAlignedRect());
        return state;
    }

    void* interface_cast(QAccessible::InterfaceType type) override {
        return type == QAccessible::ActionInterface ? static_cast<QAccessibleActionInterface*>(this)
                                                    : nullptr;
    }
    QStringList actionNames() const override { return {pressAction(), setFocusAction()}; }
    QStringList keyBindingsForAction(const QString&) const override { return {}; }
    void doAction(const QString& action) override {
        m_canvas->setCurrentNode(m_node);
        m_canvas->showNode(m_node);
        if (action == setFocusAction()) {
            m_canvas->setFocus();
        } else if (action == pressAction()) {
            emit m_canvas->propertiesWished(m_node);
        }
    }

private:
    const Card* card() const { return m_canvas->scene().card(m_node); }

    CanvasView* m_canvas;
    nn::NodeId m_node;
};

class CanvasAccessible final : public QAccessibleWidget {
public:
    explicit CanvasAccessible(CanvasView* canvas) : QAccessibleWidget(canvas, QAccessible::List) {}
    ~CanvasAccessible() override {
        for (const QAccessible::Id id : std::as_const(m_children)) {
            QAccessible::deleteAccessibleInterface(id);
        }
    }

    int childCount() const override { return static_cast<int>(cards().size()); }

    QAccessibleInterface* child(int index) const override {
        if (index < 0 || index >= childCount()) {
            return nullptr;
        }
        return childFor(cards()[static_cast<std::size_t>(index)].id);
    }

    int indexOfChild(const QAccessibleInterface* child) const override {
        for (int i = 0; i < childCount(); ++i) {
            if (this->child(i) == child) {
                return i;
            }
        }
        return -1;
    }

    QAccessibleInterface* childAt(int x, int y) const override {
        const QPointF at = canvas()->mapFromGlobal(QPointF(x, y));
        const Card* card = canvas()->scene().cardAt(canvas()->toScene(at));
        return card == nullptr ? nullptr : childFor(card->id);
    }

    QAccessibleInterface* focusChild() const override {
        const bool has = canvas()->hasFocus() && canvas()->scene().card(canvas()->currentNode());
        return has ? childFor(canvas()->currentNode()) : QAccessibleWidget::focusChild();
    }

private:
    CanvasView* canvas() const { return static_cast<CanvasView*>(widget()); }
    const std::vector<Card>& cards() const { return canvas()->scene().cards(); }

    QAccessibleInterface* childFor(nn::NodeId node) const {
        if (const auto known = m_children.constFind(node); known != m_children.constEnd()) {
            return QAccessible::accessibleInterface(*known);
        }
        auto* made = new CardAccessible(canvas(), node);
        m_children[node] = QAccessible::registerAccessibleInterface(made);
        return made;
    }

    mutable QHash<nn::NodeId, QAccessible::Id> m_children;
};

QAccessibleInterface* makeInterface(const QString& className, QObject* object) {
    auto* canvas = className == QLatin1String("widgets::CanvasView")
                       ? qobject_cast<CanvasView*>(object)
                       : nullptr;
    return canvas == nullptr ? nullptr : new CanvasAccessible(canvas);
}

} // namespace

void installCanvasAccessibility() {
    QAccessible::installFactory(makeInterface);
}

int canvasChildIndex(const CanvasScene& scene, nn::NodeId node) {
    const auto found = std::ranges::find(scene.cards(), node, &Card::id);
    return found == scene.cards().end() ? -1 : static_cast<int>(found - scene.cards().begin());
}

} // namespace widgets
