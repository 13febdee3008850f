#include "tests/support/widgets/network_of.h"
#include "tests/support/widgets/pointer.h"
#include "widgets/canvas/canvas_map.h"
#include "widgets/canvas/canvas_view.h"

#include <QSignalSpy>
#include <QTest>

namespace {

const char* const kLong = "28x28x1 -> Conv2D(8) -> Conv2D(8) -> Conv2D(8) -> Conv2D(8) -> "
                          "Conv2D(8) -> Conv2D(8) -> Flatten -> Dense(64) -> Dense(10)";

} // namespace

class CanvasMapTest : public QObject {
    Q_OBJECT

private slots:
    void isThereOnlyWhileSomethingIsOutOfView() {
        widgets::CanvasView view;
        view.resize(600, 500);
        view.setNetwork(testing::networkOf(kLong), {});
        view.show();
        QVERIFY(QTest::qWaitForWindowExposed(&view));
        auto* map = view.findChild<widgets::CanvasMap*>();
        view.zoomTo(2.0);
        QTRY_VERIFY(map->isVisible());
        QVERIFY(view.rect().contains(map->geometry()));
        view.fit();
        QTRY_VERIFY(!map->isVisible());
    }

    void clickGoesThere() {
        widgets::CanvasView view;
        view.resize(600, 500);
        view.setNetwork(testing::networkOf(kLong), {});
        view.show();
        QVERIFY(QTest::qWaitForWindowExposed(&view));
        view.zoomTo(2.0);
        auto* map = view.findChild<widgets::CanvasMap*>();
        QTRY_VERIFY(map->isVisible());
        const QSignalSpy wishes(map, &widgets::CanvasMap::centerWished);
        QTest::mouseClick(map, Qt::LeftButton, {}, {map->width() / 2, map->height() - 10});
        QCOMPARE(wishes.size(), 1);
        const QPointF wished = wishes.front().front().toPointF();
        const QPointF centre = view.toScene(QRectF(view.rect()).center());
        QVERIFY((wished - centre).manhattanLength() < 1.0);
    }

    void dragAtTheBorderMovesTheDrawing() {
        widgets::CanvasView view;
        view.resize(600, 500);
        view.setNetwork(testing::networkOf(kLong), {});
        view.show();
        QVERIFY(QTest::qWaitForWindowExposed(&view));
        view.zoomTo(1.0);
        const nn::NodeId first = view.scene().cards().front().id;
        view.showNode(first);
        const QPoint card = view.toView(view.scene().card(first)->rect.center()).toPoint();
        const QPointF before = view.toScene({0.0, 0.0});
        QTest::mousePress(&view, Qt::LeftButton, {}, card);
        QTest::mouseMove(&view, card + QPoint(0, 40));
        QTest::mouseMove(&view, {card.x(), view.height() - 4});
        QTRY_VERIFY(view.toScene({0.0, 0.0}).y() > before.y() + 20.0);
        const QPointF held = view.toScene({0.0, 0.0});
        QTest::mouseMove(&view, {card.x(), view.height() / 2});
        QTest::mouseRelease(&view, Qt::LeftButton, {}, {card.x(), view.height() / 2});
        QVERIFY(view.toScene({0.0, 0.0}).y() >= held.y());
    }
};

QTEST_MAIN(CanvasMapTest)
#include "tst_canvas_map.moc"
