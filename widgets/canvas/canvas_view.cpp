#include "widgets/canvas/canvas_view.h"

#include "widgets/canvas/canvas_accessible.h"
#include "widgets/canvas/card_cache.h"
#include "widgets/canvas/clipboard.h"
#include "widgets/canvas/layout.h"
#include "widgets/canvas/node_painter.h"
#include "widgets/canvas/wire_painter.h"

#include <QAccessible>
#include <QClipboard>
#include <QGuiApplication>
#include <QMimeData>
#include <algorithm>
#include <cmath>

namespace widgets {
namespace {

constexpr double kLeastZoom = 0.02;
constexpr double kMostZoom = 4.0;
constexpr double kZoomStep = 1.25;
constexpr double kReadableZoom = 0.55; // a network is opened no smaller
constexpr double kMargin = 32.0;
constexpr int kSettleMilliseconds = 120; // after the last step of a zoom cards are drawn sharply

} // namespace

CanvasView::CanvasView(QWidget* parent)
    : QWidget(parent), m_theme(Theme::of(this)), m_cache(std::make_unique<CardCache>()) {
    installCanvasAccessibility();
    setObjectName(QStringLiteral("canvas"));
    setAccessibleName(tr("Network"));
    setAccessibleDescription(tr("The layers as cards. Arrow keys walk from card to card, Enter "
                                "shows the properties, Ctrl+L draws a wire."));
    setFocusPolicy(Qt::StrongFocus);
    setMouseTracking(true);
    setAcceptDrops(true);
    setAttribute(Qt::WA_OpaquePaintEvent);
    grabGesture(Qt::PinchGesture);
    m_zooming.setSingleShot(true);
    m_zooming.setInterval(kSettleMilliseconds);
    connect(&m_zooming, &QTimer::timeout, this, qOverload<>(&QWidget::update));
    makePainters();
    makeMap();
}

CanvasView::~CanvasView() = default;

void CanvasView::setNetwork(const NetworkValues& network, const Positions& positions) {
    if (m_gesture != nullptr) {
        endGesture(false);
    }
    const bool wasEmpty = isEmpty();
    m_dropPlan.reset();
    m_scene.setNetwork(network, positions);
    m_hover = {};
    if (m_scene.card(m_current) == nullptr) {
        m_current = nn::kNoNode;
    }
    NodeSet kept = m_selection;
    kept.removeIf([this](const nn::NodeId node) { return m_scene.card(node) == nullptr; });
    const bool hasWire = m_selectedWire && m_scene.wire(*m_selectedWire) != nullptr;
    select(kept, hasWire ? m_selectedWire : std::nullopt);
    if (wasEmpty && !isEmpty()) {
        startView();
    }
    update();
}

void CanvasView::setSelection(const NodeSet& nodes) {
    if (nodes == m_selection) {
        return;
    }
    m_selection = nodes;
    m_selectedWire.reset();
    if (nodes.size() == 1) {
        m_current = *nodes.begin();
        announceCurrent();
    }
    update();
}

void CanvasView::select(const NodeSet& nodes, const std::optional<nn::Edge>& wire) {
    const bool changed = nodes != m_selection;
    m_selection = nodes;
    m_selectedWire = wire;
    update();
    if (changed) {
        emit selectionChanged(nodes);
    }
}

void CanvasView::setCurrentNode(nn::NodeId node) {
    if (m_current != node) {
        m_current = node;
        announceCurrent();
        update();
    }
}

void CanvasView::announceCurrent() {
    const int index = canvasChildIndex(m_scene, m_current);
    if (index >= 0 && hasFocus() && QAccessible::isActive()) {
        QAccessibleEvent focus(this, QAccessible::Focus);
        focus.setChild(index);
        QAccessible::updateAccessibility(&focus);
    }
}

void CanvasView::setStrip(nn::NodeId node, const QList<QImage>& maps) {
    m_scene.setStrip(node, maps);
    if (const Card* card = m_scene.card(node)) {
        update(toView(card->stripRect()).toAlignedRect());
    }
}

void CanvasView::clearStrips() {
    m_scene.clearStrips();
    update();
}

void CanvasView::setTheme(const Theme& theme) {
    m_theme = theme;
    makePainters();
    update();
}

void CanvasView::setFlow(Qt::Orientation flow) {
    m_scene.setFlow(flow);
    makePainters();
    update();
}

bool CanvasView::hasSelection() const {
    return !m_selection.isEmpty() || m_selectedWire;
}

bool CanvasView::canPaste() {
    return !layersOf(QGuiApplication::clipboard()->mimeData()).isEmpty();
}

void CanvasView::emitWish(const EditWish& wish) {
    if (!wish.isEmpty()) {
        emit wished(wish);
    }
}

void CanvasView::addLayer(const QString& type) {
    const DropPlan plan = planAdd(m_scene, type, m_selection, addPlace());
    const EditWish wish = dropWish(m_scene, type, plan);
    emitWish(wish);
    if (!wish.select.isEmpty()) {
        showNode(*wish.select.begin());
    }
}

void CanvasView::removeSelection() {
    if (m_selectedWire) {
        emitWish(disconnectWish(m_scene.graph(), *m_selectedWire));
    } else if (!m_selection.isEmpty()) {
        emitWish(removeWish(m_scene.graph(), m_selection, Gap::Leave));
    }
}

void CanvasView::duplicateSelection() {
    if (!m_selection.isEmpty()) {
        emitWish(duplicateWish(m_scene, m_selection));
    }
}

void CanvasView::copySelection() const {
    if (m_selection.isEmpty()) {
        return;
    }
    const QByteArray json = layersToJson(m_scene, m_selection);
    auto* layers = new QMimeData; // the clipboard takes it over
    layers->setData(kLayersMimeType, json);
    layers->setText(QString::fromUtf8(json));
    QGuiApplication::clipboard()->setMimeData(layers);
}

void CanvasView::cutSelection() {
    if (m_selection.isEmpty()) {
        return;
    }
    copySelection();
    EditWish wish = removeWish(m_scene.graph(), m_selection, Gap::Leave);
    wish.text = tr("Cut %1").arg(layersText(m_scene.graph(), m_selection));
    emitWish(wish);
}

void CanvasView::paste() {
    emitWish(pasteWish(m_scene.graph(), layersOf(QGuiApplication::clipboard()->mimeData()),
                       placeToPaste()));
}

void CanvasView::selectAll() {
    NodeSet all;
    for (const Card& card : m_scene.cards()) {
        all.insert(card.id);
    }
    select(all);
}

void CanvasView::arrange() {
    emitWish(arrangeWish(m_scene));
}

void CanvasView::beginConnect() {
    if (m_current == nn::kNoNode && m_selection.size() == 1) {
        setCurrentNode(*m_selection.begin());
    }
    const Card* card = m_scene.card(m_current);
    if (card == nullptr) {
        emit hintChanged(tr("Choose the layer the wire starts at first"));
        return;
    }
    m_aim = m_current;
    m_gesture = connectGesture(m_scene, Port{m_current, true, 0});
    setOverlay(m_gesture->moveTo(card->outputPoint(m_scene.flow()) + QPointF(0, 24)));
    emit hintChanged(tr("Arrow keys choose the card the wire ends at, Enter connects, Esc ends"));
}

void CanvasView::zoomIn() {
    zoomAbout(rect().center(), m_zoom * kZoomStep);
}
void CanvasView::zoomOut() {
    zoomAbout(rect().center(), m_zoom / kZoomStep);
}
void CanvasView::zoomTo(double zoom) {
    zoomAbout(rect().center(), zoom);
}

void CanvasView::zoomAbout(QPointF viewPoint, double zoom) {
    const QPointF fixed = toScene(viewPoint);
    m_zoom = std::clamp(zoom, kLeastZoom, kMostZoom);
    // Near 100 % it is 100 %: text is sharpest there.
    if (std::abs(m_zoom - 1.0) < 0.02) {
        m_zoom = 1.0;
    }
    m_origin = fixed - viewPoint / m_zoom;
    update();
    emit zoomChanged(m_zoom);
}

void CanvasView::fit() {
    const QRectF bounds = m_scene.bounds();
    if (bounds.isEmpty()) {
        m_origin = {};
        zoomTo(1.0);
        return;
    }
    const double across = (width() - 2 * kMargin) / bounds.width();
    const double down = (height() - 2 * kMargin) / bounds.height();
    m_zoom = std::clamp(std::min({across, down, 1.0}), kLeastZoom, kMostZoom);
    m_origin = bounds.center() - QPointF(width(), height()) / 2 / m_zoom;
    update();
    emit zoomChanged(m_zoom);
}

/// A network just opened: all of it, or its beginning when all would be too small to read.
void CanvasView::startView() {
    m_startPending = !isVisible();
    fit();
    if (m_zoom < kReadableZoom && m_zoom > kLeastZoom) {
        const QRectF bounds = m_scene.bounds();
        m_zoom = kReadableZoom;
        const QPointF corner = bounds.topLeft() - QPointF(kMargin, kMargin) / m_zoom;
        const QPointF centred = bounds.center() - QPointF(width(), height()) / 2 / m_zoom;
        const bool wide = bounds.width() * m_zoom > width() - 2 * kMargin;
        const bool high = bounds.height() * m_zoom > height() - 2 * kMargin;
        m_origin = {wide ? corner.x() : centred.x(), high ? corner.y() : centred.y()};
        emit zoomChanged(m_zoom);
    }
}

QRectF CanvasView::visibleRect() const {
    return {m_origin, QSizeF(width(), height()) / m_zoom};
}

QPointF CanvasView::addPlace() const {
    return visibleRect().center();
}

void CanvasView::showNode(nn::NodeId node) {
    const Card* card = m_scene.card(node);
    if (card == nullptr) {
        return;
    }
    const QRectF target = card->rect.adjusted(-kMargin, -kMargin, kMargin, kMargin);
    const QRectF seen = visibleRect();
    QPointF shift;
    const auto missing = [](qreal low, qreal high, qreal from, qreal to) {
        return low < from || high - low > to - from ? low - from : std::max(0.0, high - to);
    };
    shift.setX(missing(target.left(), target.right(), seen.left(), seen.right()));
    shift.setY(missing(target.top(), target.bottom(), seen.top(), seen.bottom()));
    if (!shift.isNull()) {
        m_origin += shift;
        update();
    }
}

void CanvasView::setOverlay(const Overlay& overlay) {
    if (overlay.hint != m_overlay.hint) {
        emit hintChanged(overlay.hint);
    }
    m_overlay = overlay;
    update();
}

void CanvasView::endGesture(bool commit) {
    const std::unique_ptr<Gesture> gesture = std::move(m_gesture);
    m_aim = nn::kNoNode;
    setOverlay({});
    if (gesture == nullptr) {
        return;
    }
    if (!commit) {
        gesture->cancel();
        return;
    }
    const EditWish wish = gesture->finish();
    if (const std::optional<NodeSet> chosen = gesture->selection()) {
        select(*chosen);
    }
    emitWish(wish);
}

void CanvasView::resizeEvent(QResizeEvent* event) {
    QWidget::resizeEvent(event);
    if (m_startPending && !isEmpty()) {
        startView();
    } else if (m_lastSize.isValid()) {
        // What is in the middle stays in the middle. The event does not know the old size of a
        // widget that was resized while hidden.
        const QSize grown = event->size() - m_lastSize;
        m_origin -= QPointF(grown.width(), grown.height()) / 2 / m_zoom;
    }
    m_lastSize = event->size();
}

void CanvasView::changeEvent(QEvent* event) {
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange) {
        setTheme(Theme::of(this));
    } else if (event->type() == QEvent::FontChange) {
        makePainters();
        update();
    }
}

} // namespace widgets
