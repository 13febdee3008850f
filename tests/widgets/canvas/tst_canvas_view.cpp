#include "widgets/canvas/canvas_view.h"

#include "tests/support/widgets/network_of.h"
#include "tests/support/widgets/pointer.h"
#include "widgets/canvas/layout.h"

#include <QAccessible>
#include <QSignalSpy>
#include <QTest>

// g++ 12 takes members of a temporary std::variant for uninitialized when it is compared.
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"

using namespace widgets;
using testing::idOf;
using testing::networkOf;

class CanvasViewTest : public QObject {
    Q_OBJECT

private slots:
    void init();
    void cleanup();
    void dropOnWireInserts();
    void dropWithForeignDataIsRefused();
    void dragLeavingTakesThePreviewAway();
    void draggingACardIsOneWish();
    void draggingSeveralCardsMovesAll();
    void escapeEndsAMove();
    void draggingFromAPortConnects();
    void invalidTargetsMakeNoWish();
    void pullingAWireOffDisconnects();
    void aLoneCardDroppedOnAWireIsInserted();
    void rubberBandSelects();
    void controlClickToggles();
    void clickOnEmptyPlaceClearsTheSelection();
    void wireCanBeSelectedAndDeleted();
    void arrowsWalkAndEnterEdits();
    void shiftArrowsNudge();
    void connectsByKeyboard();
    void deleteKeyRemovesTheSelection();
    void copyAndPasteGoThroughTheClipboard();
    void zoomKeepsThePointUnderThePointer();
    void fitShowsEverything();
    void selectionSurvivesOnlyWhatIsLeft();
    void repairOnTheCardIsAWish();
    void screenReadersSeeTheLayers();
    void settingValuesEmitsNothing();

private:
    void show(const NetworkValues& network);
    [[nodiscard]] QPoint at(QPointF scenePoint) const {
        return m_canvas->toView(scenePoint).toPoint();
    }
    [[nodiscard]] const Card& card(std::string_view name) const {
        return *m_canvas->scene().card(idOf(m_network, name));
    }
    [[nodiscard]] EditWish wish() const {
        return m_wishes->isEmpty() ? EditWish() : m_wishes->last().first().value<EditWish>();
    }

    NetworkValues m_network;
    std::unique_ptr<CanvasView> m_canvas;
    std::unique_ptr<QSignalSpy> m_wishes;
};

void CanvasViewTest::init() {
    m_canvas = std::make_unique<CanvasView>();
    m_canvas->resize(900, 900);
    m_wishes = std::make_unique<QSignalSpy>(m_canvas.get(), &CanvasView::wished);
    show(networkOf("28x28x1 -> Conv2D(8, kernel_size=3) -> Flatten -> Dense(10)"));
    m_canvas->show();
    QVERIFY(QTest::qWaitForWindowExposed(m_canvas.get()));
    m_canvas->zoomTo(1.0);
    m_canvas->fit();
}

void CanvasViewTest::cleanup() {
    m_wishes.reset();
    m_canvas.reset();
}

void CanvasViewTest::show(const NetworkValues& network) {
    m_network = network;
    m_canvas->setNetwork(network, autoLayout(network));
    m_canvas->fit();
}

void CanvasViewTest::dropOnWireInserts() {
    QMimeData data;
    data.setData(kLayerMimeType, "Dropout");
    QVERIFY(testing::drop(m_canvas.get(), data, at(m_canvas->scene().wires()[1].labelPoint)));
    QCOMPARE(m_wishes->count(), 1);
    const NetworkValues after = testing::granted(m_network, wish());
    QCOMPARE(nn::inputsOf(*after.graph, idOf(after, "dropout")).front(), card("conv2d").id);
    QCOMPARE(nn::inputsOf(*after.graph, idOf(after, "flatten")).front(), idOf(after, "dropout"));
    QVERIFY(wish().positions.contains(idOf(after, "dropout")));
}

void CanvasViewTest::dropWithForeignDataIsRefused() {
    QMimeData data;
    data.setText("Dropout");
    QVERIFY(!testing::drop(m_canvas.get(), data, {450, 450}));
    QCOMPARE(m_wishes->count(), 0);
}

void CanvasViewTest::dragLeavingTakesThePreviewAway() {
    const Positions before = m_canvas->scene().positions();
    QMimeData data;
    data.setData(kLayerMimeType, "Dropout");
    QDragEnterEvent enter(at(m_canvas->scene().wires()[1].labelPoint), Qt::CopyAction, &data,
                          Qt::LeftButton, Qt::NoModifier);
    QApplication::sendEvent(m_canvas.get(), &enter);
    QVERIFY(m_canvas->scene().positions() != before); // cards make room
    QDragLeaveEvent leave;
    QApplication::sendEvent(m_canvas.get(), &leave);
    QCOMPARE(m_canvas->scene().positions(), before);
    QCOMPARE(m_wishes->count(), 0);
}

void CanvasViewTest::draggingACardIsOneWish() {
    const QPointF corner = card("flatten").rect.topLeft();
    const QPoint from = at(card("flatten").rect.center());
    testing::drag(m_canvas.get(), from, from + QPoint(200, 7));
    QCOMPARE(m_wishes->count(), 1);
    QCOMPARE(wish().text, QStringLiteral("Move flatten"));
    QVERIFY(wish().edits.empty());
    const QPointF moved = wish().positions.value(card("flatten").id);
    QVERIFY(moved.x() > corner.x() + 100);
    QCOMPARE(std::fmod(moved.x(), kGrid), 0.0);
    // The canvas shows what it was given until it is given something else.
    QCOMPARE(card("flatten").rect.topLeft(), corner);
}

void CanvasViewTest::draggingSeveralCardsMovesAll() {
    m_canvas->setSelection({card("flatten").id, card("dense").id});
    const QPoint from = at(card("dense").rect.center());
    testing::drag(m_canvas.get(), from, from + QPoint(150, 40));
    QCOMPARE(wish().positions.size(), 2);
    QCOMPARE(wish().text, QStringLiteral("Move 2 layer(s)"));
}

void CanvasViewTest::escapeEndsAMove() {
    const Positions before = m_canvas->scene().positions();
    const QPoint from = at(card("flatten").rect.center());
    QTest::mousePress(m_canvas.get(), Qt::LeftButton, Qt::NoModifier, from);
    testing::dragTo(m_canvas.get(), from + QPoint(100, 0));
    testing::dragTo(m_canvas.get(), from + QPoint(200, 0));
    QVERIFY(m_canvas->scene().positions() != before);
    QTest::keyClick(m_canvas.get(), Qt::Key_Escape);
    QTest::mouseRelease(m_canvas.get(), Qt::LeftButton, Qt::NoModifier, from + QPoint(200, 0));
    QCOMPARE(m_canvas->scene().positions(), before);
    QCOMPARE(m_wishes->count(), 0);
}

void CanvasViewTest::draggingFromAPortConnects() {
    testing::drag(m_canvas.get(), at(card("conv2d").outputPoint(Qt::Vertical)),
                  at(card("dense").rect.center()));
    QCOMPARE(m_wishes->count(), 1);
    QCOMPARE(wish().text, QStringLiteral("Connect conv2d to dense"));
    const NetworkValues after = testing::granted(m_network, wish());
    QCOMPARE(nn::inputsOf(*after.graph, card("dense").id).front(), card("conv2d").id);
}

void CanvasViewTest::invalidTargetsMakeNoWish() {
    QSignalSpy hints(m_canvas.get(), &CanvasView::hintChanged);
    testing::drag(m_canvas.get(), at(card("dense").outputPoint(Qt::Vertical)),
                  at(card("conv2d").rect.center()));
    QCOMPARE(m_wishes->count(), 0);
    bool explained = false;
    for (const QList<QVariant>& hint : hints) {
        explained = explained || hint.first().toString().contains("circle");
    }
    QVERIFY(explained);
}

void CanvasViewTest::pullingAWireOffDisconnects() {
    testing::drag(m_canvas.get(), at(card("dense").inputPoint(0, Qt::Vertical)), QPoint(20, 20));
    QCOMPARE(wish().text, QStringLiteral("Disconnect flatten from dense"));
    QCOMPARE(testing::granted(m_network, wish()).graph->edges.size(),
             m_network.graph->edges.size() - 1);
}

void CanvasViewTest::aLoneCardDroppedOnAWireIsInserted() {
    nn::Graph graph = *m_network.graph;
    graph = nn::apply(graph, nn::AddNode{.type = "ReLU", .name = {}, .params = {}}).value();
    NetworkValues network;
    network.graph = std::make_shared<const nn::Graph>(graph);
    network.inference = std::make_shared<const nn::Inference>(nn::infer(graph));
    show(network);
    testing::drag(m_canvas.get(), at(card("re_lu").rect.center()),
                  at(m_canvas->scene().wires()[1].labelPoint));
    QCOMPARE(m_wishes->count(), 1);
    const NetworkValues after = testing::granted(m_network, wish());
    QCOMPARE(nn::inputsOf(*after.graph, card("re_lu").id),
             std::vector<nn::NodeId>{card("conv2d").id});
}

void CanvasViewTest::rubberBandSelects() {
    QSignalSpy selected(m_canvas.get(), &CanvasView::selectionChanged);
    const QPoint from = at(card("conv2d").rect.topLeft() - QPointF(60, 20));
    const QPoint to = at(card("flatten").rect.bottomRight() + QPointF(60, 10));
    testing::drag(m_canvas.get(), from, to);
    QCOMPARE(m_canvas->selection(), (NodeSet{card("conv2d").id, card("flatten").id}));
    QVERIFY(!selected.isEmpty());
}

void CanvasViewTest::controlClickToggles() {
    const QPoint conv = at(card("conv2d").rect.center());
    const QPoint dense = at(card("dense").rect.center());
    QTest::mouseClick(m_canvas.get(), Qt::LeftButton, Qt::NoModifier, conv);
    QTest::mouseClick(m_canvas.get(), Qt::LeftButton, Qt::ControlModifier, dense);
    QCOMPARE(m_canvas->selection(), (NodeSet{card("conv2d").id, card("dense").id}));
    QTest::mouseClick(m_canvas.get(), Qt::LeftButton, Qt::ControlModifier, conv);
    QCOMPARE(m_canvas->selection(), NodeSet{card("dense").id});
}

void CanvasViewTest::clickOnEmptyPlaceClearsTheSelection() {
    m_canvas->setSelection({card("dense").id});
    QTest::mouseClick(m_canvas.get(), Qt::LeftButton, Qt::NoModifier, {5, 5});
    QVERIFY(m_canvas->selection().isEmpty());
}

void CanvasViewTest::wireCanBeSelectedAndDeleted() {
    const Wire wire = m_canvas->scene().wires()[0];
    QTest::mouseClick(m_canvas.get(), Qt::LeftButton, Qt::NoModifier, at(wire.labelPoint));
    QCOMPARE(m_canvas->selectedWire(), std::optional(wire.edge));
    QTest::keyClick(m_canvas.get(), Qt::Key_Delete);
    QCOMPARE(wish().edits, std::vector<nn::Edit>{nn::Disconnect{wire.edge}});
}

void CanvasViewTest::arrowsWalkAndEnterEdits() {
    QSignalSpy edited(m_canvas.get(), &CanvasView::propertiesWished);
    QTest::keyClick(m_canvas.get(), Qt::Key_Home);
    QTest::keyClick(m_canvas.get(), Qt::Key_Down);
    QCOMPARE(m_canvas->selection(), NodeSet{card("conv2d").id});
    QTest::keyClick(m_canvas.get(), Qt::Key_Down);
    QTest::keyClick(m_canvas.get(), Qt::Key_Up);
    QTest::keyClick(m_canvas.get(), Qt::Key_Return);
    QCOMPARE(edited.count(), 1);
    QCOMPARE(edited.first().first().value<nn::NodeId>(), card("conv2d").id);
}

void CanvasViewTest::shiftArrowsNudge() {
    m_canvas->setSelection({card("flatten").id});
    const QPointF corner = card("flatten").rect.topLeft();
    QTest::keyClick(m_canvas.get(), Qt::Key_Right, Qt::ShiftModifier);
    QCOMPARE(wish().positions.value(card("flatten").id), corner + QPointF(kGrid, 0));
}

void CanvasViewTest::connectsByKeyboard() {
    m_canvas->setFocus();
    m_canvas->setSelection({card("conv2d").id});
    QTest::keyClick(m_canvas.get(), Qt::Key_L, Qt::ControlModifier);
    QTest::keyClick(m_canvas.get(), Qt::Key_Down); // flatten: already connected
    QTest::keyClick(m_canvas.get(), Qt::Key_Down);
    QTest::keyClick(m_canvas.get(), Qt::Key_Return);
    QCOMPARE(wish().text, QStringLiteral("Connect conv2d to dense"));
}

void CanvasViewTest::deleteKeyRemovesTheSelection() {
    m_canvas->setSelection({card("flatten").id});
    QTest::keyClick(m_canvas.get(), Qt::Key_Delete);
    QCOMPARE(wish().edits, std::vector<nn::Edit>{nn::RemoveNode{card("flatten").id}});
    QTest::keyClick(m_canvas.get(), Qt::Key_Delete, Qt::ControlModifier);
    QCOMPARE(wish().edits, std::vector<nn::Edit>{nn::BypassNode{card("flatten").id}});
}

void CanvasViewTest::copyAndPasteGoThroughTheClipboard() {
    m_canvas->setSelection({card("conv2d").id, card("flatten").id});
    QTest::keyClick(m_canvas.get(), Qt::Key_C, Qt::ControlModifier);
    QVERIFY(CanvasView::canPaste());
    QTest::keyClick(m_canvas.get(), Qt::Key_V, Qt::ControlModifier);
    const NetworkValues after = testing::granted(m_network, wish());
    QCOMPARE(after.graph->nodes.size(), m_network.graph->nodes.size() + 2);
    QCOMPARE(after.graph->edges.size(), m_network.graph->edges.size() + 1);
}

void CanvasViewTest::zoomKeepsThePointUnderThePointer() {
    const QPointF pointer(300, 200);
    const QPointF before = m_canvas->toScene(pointer);
    const double zoom = m_canvas->zoom();
    QWheelEvent wheel(pointer, m_canvas->mapToGlobal(pointer), {}, {0, 120}, Qt::NoButton,
                      Qt::ControlModifier, Qt::NoScrollPhase, false);
    QApplication::sendEvent(m_canvas.get(), &wheel);
    QVERIFY(m_canvas->zoom() > zoom);
    const QPointF after = m_canvas->toScene(pointer);
    QVERIFY((after - before).manhattanLength() < 0.01);
}

void CanvasViewTest::fitShowsEverything() {
    m_canvas->zoomTo(3.0);
    m_canvas->fit();
    for (const Card& each : m_canvas->scene().cards()) {
        QVERIFY(QRectF(m_canvas->rect()).contains(m_canvas->toView(each.rect)));
    }
}

void CanvasViewTest::selectionSurvivesOnlyWhatIsLeft() {
    m_canvas->setSelection({card("conv2d").id, card("dense").id});
    const EditWish removal = {
        .text = {}, .edits = {nn::RemoveNode{card("dense").id}}, .positions = {}, .select = {}};
    const nn::NodeId conv = card("conv2d").id;
    m_canvas->setNetwork(testing::granted(m_network, removal), m_canvas->scene().positions());
    QCOMPARE(m_canvas->selection(), NodeSet{conv});
}

void CanvasViewTest::repairOnTheCardIsAWish() {
    show(networkOf("6x6x1 -> Conv2D(8, kernel_size=7) -> Flatten"));
    const Card& broken = card("conv2d");
    QVERIFY(!broken.repairs.empty());
    QVERIFY(!broken.repairRect().isEmpty());
    QTest::mouseClick(m_canvas.get(), Qt::LeftButton, Qt::NoModifier,
                      at(broken.repairRect().center()));
    QCOMPARE(m_wishes->count(), 1);
    QVERIFY(wish().edits == broken.repairs.front().edits);
    QVERIFY(testing::granted(m_network, wish()).inference->find(broken.id)->output.has_value());
}

void CanvasViewTest::screenReadersSeeTheLayers() {
    QAccessibleInterface* canvas = QAccessible::queryAccessibleInterface(m_canvas.get());
    QVERIFY(canvas != nullptr);
    QCOMPARE(canvas->childCount(), 4);
    QAccessibleInterface* conv = canvas->child(1);
    QCOMPARE(conv->role(), QAccessible::ListItem);
    QCOMPARE(conv->text(QAccessible::Name),
             QStringLiteral("Conv2D conv2d, 8 filters, kernel 3×3, output 26×26×8, 80 params"));
    QCOMPARE(canvas->indexOfChild(conv), 1);
    QVERIFY(!conv->state().selected);
    conv->actionInterface()->doAction(QAccessibleActionInterface::setFocusAction());
    QCOMPARE(m_canvas->currentNode(), card("conv2d").id);
}

void CanvasViewTest::settingValuesEmitsNothing() {
    QSignalSpy selected(m_canvas.get(), &CanvasView::selectionChanged);
    m_canvas->setSelection({card("conv2d").id});
    m_canvas->setNetwork(m_network, m_canvas->scene().positions());
    m_canvas->setStrip(card("conv2d").id, {QImage(8, 8, QImage::Format_RGB32)});
    QCOMPARE(selected.count(), 0);
    QCOMPARE(m_wishes->count(), 0);
}

QTEST_MAIN(CanvasViewTest)
#include "tst_canvas_view.moc"
