#include "tests/support/widgets/network_of.h"
#include "widgets/canvas/canvas_view.h"
#include "widgets/canvas/layout.h"
#include "widgets/layer_palette.h"

#include <QHBoxLayout>
#include <QSignalSpy>
#include <QTest>
#include <QTreeWidget>
#include <QWindow>

using namespace widgets;

/// Drags with a real window system: what offscreen tests cannot show.
class PaletteDragTest : public QObject {
    Q_OBJECT

private slots:
    void init();
    void cleanup();
    void draggingFromThePaletteOntoAWireInserts();
    void focusGoesToTheCanvasByTab();

private:
    std::unique_ptr<QWidget> m_window;
    LayerPalette* m_palette = nullptr;
    CanvasView* m_canvas = nullptr;
    NetworkValues m_network;
};

void PaletteDragTest::init() {
    m_window = std::make_unique<QWidget>();
    auto* row = new QHBoxLayout(m_window.get());
    m_palette = new LayerPalette;
    m_palette->setFixedWidth(240);
    m_canvas = new CanvasView;
    row->addWidget(m_palette);
    row->addWidget(m_canvas, 1);
    m_network = testing::networkOf("28x28x1 -> Conv2D(8, kernel_size=3) -> Flatten -> Dense(10)");
    m_canvas->setNetwork(m_network, autoLayout(m_network));
    m_window->resize(1000, 800);
    m_window->show();
    QVERIFY(QTest::qWaitForWindowExposed(m_window.get()));
    m_canvas->fit();
}

void PaletteDragTest::cleanup() {
    m_window.reset();
}

void PaletteDragTest::draggingFromThePaletteOntoAWireInserts() {
    QSignalSpy wishes(m_canvas, &CanvasView::wished);
    auto* tree = m_palette->findChild<QTreeWidget*>();
    QTreeWidgetItem* item = tree->findItems("Dropout", Qt::MatchRecursive | Qt::MatchExactly)[0];
    tree->scrollToItem(item);
    const QPoint from =
        tree->viewport()->mapTo(m_window.get(), tree->visualItemRect(item).center());
    const QPoint to = m_canvas->mapTo(
        m_window.get(), m_canvas->toView(m_canvas->scene().wires()[1].labelPoint).toPoint());
    QWindow* window = m_window->windowHandle();
    // The drag runs its own loop until the button is let go: steer it from timers.
    int step = 0;
    QTimer steer;
    steer.setInterval(30);
    connect(&steer, &QTimer::timeout, this, [&] {
        const QPoint targets[] = {(from + to) / 2, to - QPoint(3, 3), to};
        if (step < 3) {
            QTest::mouseMove(window, targets[step]);
        } else {
            QTest::mouseRelease(window, Qt::LeftButton, Qt::NoModifier, to);
            steer.stop();
        }
        ++step;
    });
    QTest::mousePress(window, Qt::LeftButton, Qt::NoModifier, from);
    steer.start();
    QTest::mouseMove(window, from + QPoint(0, 4));
    QTest::mouseMove(window, from + QPoint(40, 10));
    QTRY_COMPARE(wishes.count(), 1);
    const NetworkValues after =
        testing::granted(m_network, wishes.first().first().value<EditWish>());
    QCOMPARE(nn::inputsOf(*after.graph, testing::idOf(after, "dropout")),
             std::vector<nn::NodeId>{testing::idOf(after, "conv2d")});
    QCOMPARE(nn::inputsOf(*after.graph, testing::idOf(after, "flatten")),
             std::vector<nn::NodeId>{testing::idOf(after, "dropout")});
}

void PaletteDragTest::focusGoesToTheCanvasByTab() {
    m_window->activateWindow();
    QVERIFY(QTest::qWaitForWindowActive(m_window.get()));
    m_palette->focusSearch();
    for (int i = 0; i < 5 && !m_canvas->hasFocus(); ++i) {
        QTest::keyClick(QApplication::focusWidget(), Qt::Key_Tab);
    }
    QVERIFY(m_canvas->hasFocus());
    QTest::keyClick(m_canvas, Qt::Key_Tab);
    QCOMPARE(m_canvas->currentNode(), m_network.inference->order.front());
}

QTEST_MAIN(PaletteDragTest)
#include "tst_palette_drag.moc"
