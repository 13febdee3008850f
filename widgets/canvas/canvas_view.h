#pragma once

#include "widgets/canvas/canvas_scene.h"
#include "widgets/canvas/gestures.h"
#include "widgets/edit_wish.h"
#include "widgets/theme.h"

#include <QImage>
#include <QTimer>
#include <QWidget>
#include <memory>

class QGestureEvent;
class QMenu;

namespace widgets {

/// What a drag from the palette carries: the class name of a layer in UTF-8.
inline constexpr const char* kLayerMimeType = "application/x-receptive-layer";

class CanvasMap;
class CardCache;
class NodePainter;
class WirePainter;
enum class WireLook;

/// The drawing of the network: cards and wires that are dragged, connected and edited. It shows
/// values and emits wishes; while a card is dragged it shows the move itself and emits one wish at
/// the end.
class CanvasView : public QWidget {
    Q_OBJECT

public:
    explicit CanvasView(QWidget* parent = nullptr);
    ~CanvasView() override;

    /// Shows a network; zoom, scroll position and selection stay where they can. A node without a
    /// position is placed by the layout.
    void setNetwork(const NetworkValues& network, const Positions& positions);
    void setSelection(const NodeSet& nodes);
    /// Small pictures of the feature maps of the current image, shown on the card.
    void setStrip(nn::NodeId node, const QList<QImage>& maps);
    void clearStrips();
    void setTheme(const Theme& theme);

    [[nodiscard]] const NodeSet& selection() const { return m_selection; }
    [[nodiscard]] bool isEmpty() const { return m_scene.cards().empty(); }
    [[nodiscard]] bool hasSelection() const; ///< A card or a wire is selected.
    [[nodiscard]] static bool canPaste();    ///< The clipboard holds layers.
    [[nodiscard]] double zoom() const {
        return m_zoom;
    } ///< 1: one pixel of the drawing is one on screen.
    /// How many maps the card of a node shows.
    [[nodiscard]] static int stripCount() { return kStripCount; }

    // Actions for menus, tool bars and the palette. Those that change the network emit `wished`.
    void addLayer(const QString& type); ///< Behind the selected or last layer.
    void removeSelection();
    void duplicateSelection();
    void copySelection() const;
    void cutSelection();
    void paste();
    void selectAll();
    void arrange();      ///< Automatic layout of all cards.
    void beginConnect(); ///< From the current card; arrows choose, Enter connects, Esc ends.
    void zoomIn();
    void zoomOut();
    void zoomTo(double zoom);
    void fit();
    void showNode(nn::NodeId node); ///< Scrolls until the card is visible.
    void setFlow(Qt::Orientation flow);

    [[nodiscard]] const CanvasScene& scene() const { return m_scene; }
    /// The card the keyboard acts on.
    [[nodiscard]] nn::NodeId currentNode() const { return m_current; }
    void setCurrentNode(nn::NodeId node);
    /// The layers whose cards are in view: those whose strips are worth making.
    [[nodiscard]] NodeSet visibleNodes() const { return m_scene.cardsIn(visibleRect()); }
    [[nodiscard]] std::optional<nn::Edge> selectedWire() const { return m_selectedWire; }
    [[nodiscard]] QPointF toScene(QPointF viewPoint) const { return viewPoint / m_zoom + m_origin; }
    [[nodiscard]] QPointF toView(QPointF scenePoint) const {
        return (scenePoint - m_origin) * m_zoom;
    }
    [[nodiscard]] QRectF toView(const QRectF& rect) const {
        return {toView(rect.topLeft()), rect.size() * m_zoom};
    }
    [[nodiscard]] QSize sizeHint() const override { return {800, 600}; }
    [[nodiscard]] QSize minimumSizeHint() const override { return {240, 160}; }

signals:
    void wished(const widgets::EditWish& wish);
    void selectionChanged(const widgets::NodeSet& nodes);
    /// Enter or double click on a card: show its properties.
    void propertiesWished(nn::NodeId node);
    /// Explain this class of layers.
    void helpWished(const QString& type);
    void zoomChanged(double zoom);
    /// A hint for the status bar: why a wire cannot end here, how many cards move…; empty to clear.
    void hintChanged(const QString& text);

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void changeEvent(QEvent* event) override;
    bool event(QEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void keyReleaseEvent(QKeyEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;
    bool focusNextPrevChild(bool next) override;
    void dragEnterEvent(QDragEnterEvent* event) override;
    void dragMoveEvent(QDragMoveEvent* event) override;
    void dragLeaveEvent(QDragLeaveEvent* event) override;
    void dropEvent(QDropEvent* event) override;

private:
    /// What is under the pointer.
    struct Hover {
        nn::NodeId card = nn::kNoNode;
        std::optional<nn::Edge> wire;
        std::optional<Port> port;
        bool repair = false;
        bool operator==(const Hover&) const = default;
    };

    // canvas_view.cpp
    void emitWish(const EditWish& wish);
    void select(const NodeSet& nodes, const std::optional<nn::Edge>& wire = std::nullopt);
    void setOverlay(const Overlay& overlay);
    void endGesture(bool commit);
    void zoomAbout(QPointF viewPoint, double zoom);
    void startView();
    void announceCurrent();
    [[nodiscard]] QRectF visibleRect() const;
    [[nodiscard]] QPointF addPlace() const;

    // canvas_view_paint.cpp
    void paintDots(QPainter& painter) const;
    void paintDrawing(QPainter& painter) const;
    void paintPorts(QPainter& painter, const Card& card) const;
    void paintOverlay(QPainter& painter) const;
    void paintEmpty(QPainter& painter) const;
    [[nodiscard]] WireLook lookOf(const Wire& wire) const;
    void makePainters();

    // canvas_view_mouse.cpp
    void pressCard(const Card& card, QMouseEvent* event);
    void startDrag(QPointF at);
    void setHover(const Hover& hover);
    [[nodiscard]] Hover hoverAt(QPointF viewPoint) const;
    [[nodiscard]] QString tipAt(QPointF viewPoint) const;
    void showMenu(QPoint globalPosition);
    void fillCardMenu(QMenu& menu);
    void fillWireMenu(QMenu& menu);
    void fillCanvasMenu(QMenu& menu);

    // canvas_view_scroll.cpp
    void makeMap();
    void showMap();
    void noteView();
    void pushBorder();
    void dragAt(QPointF viewPoint);

    // canvas_view_keys.cpp
    bool pressArrow(QKeyEvent* event);
    bool pressShortcut(QKeyEvent* event);
    void walk(Qt::Key arrow, bool keepSelection);
    void nudge(Qt::Key arrow);
    void aimNext(Qt::Key arrow);
    [[nodiscard]] QPointF placeToPaste() const;
    void updateDrop(const QString& type, QPointF viewPoint);
    void endDrop();

    CanvasScene m_scene;
    NodeSet m_selection;
    std::optional<nn::Edge> m_selectedWire;
    nn::NodeId m_current = nn::kNoNode;
    nn::NodeId m_aim = nn::kNoNode; ///< The card aimed at while connecting by keyboard.

    double m_zoom = 1.0;
    QPointF m_origin; ///< The scene's point at the upper left corner of the view.
    QSize m_lastSize;
    bool m_startPending = true;
    QTimer m_zooming; ///< Runs while the zoom is changing by wheel or pinch.

    CanvasMap* m_map = nullptr;
    QRectF m_mappedView;   ///< What the map shows.
    QRectF m_mappedBounds; ///< The drawing it shows it of.
    QTimer m_pushing;      ///< Runs while something is dragged at the border.
    QPointF m_pointer;     ///< Of the drag, in the view.

    std::unique_ptr<Gesture> m_gesture;
    Overlay m_overlay;
    Hover m_hover;
    Port m_pressedPort;
    QPointF m_pressedAt; ///< In the view.
    Qt::MouseButton m_pressed = Qt::NoButton;
    bool m_panning = false;
    bool m_spaceHeld = false;
    bool m_clickSelects = false; ///< The release narrows the selection to the card pressed.
    nn::NodeId m_pressedCard = nn::kNoNode;
    std::optional<DropPlan> m_dropPlan;
    QString m_dropType;
    Positions m_dropBefore; ///< Where the cards were before they made room.

    Theme m_theme;
    std::unique_ptr<NodePainter> m_nodePainter;
    std::unique_ptr<WirePainter> m_wirePainter;
    std::unique_ptr<CardCache> m_cache;
};

} // namespace widgets
