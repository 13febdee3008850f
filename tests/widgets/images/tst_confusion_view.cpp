#include "widgets/images/confusion_view.h"

#include <QSignalSpy>
#include <QTest>

class ConfusionViewTest : public QObject {
    Q_OBJECT

private slots:
    void saysHowOftenAClassWasTakenForAnother() {
        widgets::ConfusionView view;
        view.setCounts({"cat", "dog"}, {9, 1, 3, 7});
        QCOMPARE(view.count(1, 0), 3);
        QVERIFY(view.textOf(1, 0).contains("3 of 10 images of “dog” were taken for “cat”"));
        QVERIFY(view.textOf(0, 0).contains("recognised"));
    }

    void theKeyboardGoesFromCellToCell() {
        widgets::ConfusionView view;
        view.setCounts({"cat", "dog"}, {9, 1, 3, 7});
        const QSignalSpy chosen(&view, &widgets::ConfusionView::cellActivated);
        QTest::keyClick(&view, Qt::Key_Down);
        QTest::keyClick(&view, Qt::Key_Right);
        QTest::keyClick(&view, Qt::Key_Right); // the border holds
        QTest::keyClick(&view, Qt::Key_Return);
        QCOMPARE(chosen.size(), 1);
        QCOMPARE(chosen.front().at(0).toInt(), 1);
        QCOMPARE(chosen.front().at(1).toInt(), 1);
        QVERIFY(view.accessibleDescription().contains("dog"));
    }

    void thousandsOfCellsAreDrawnInAnySize() {
        widgets::ConfusionView view;
        QStringList names;
        for (int i = 0; i < 100; ++i) {
            names << QString("class %1").arg(i);
        }
        view.setCounts(names, std::vector<qint64>(10'000, 1));
        for (const QSize size : {QSize(1, 1), QSize(200, 180), QSize(900, 700)}) {
            view.resize(size);
            QVERIFY(!view.grab().isNull());
        }
    }

    void theDiagonalStandsOut() {
        widgets::ConfusionView view;
        view.resize(300, 300);
        view.setCounts({"a", "b"}, {10, 0, 0, 10});
        const QImage before = view.grab().toImage();
        view.setCounts({"a", "b"}, {0, 10, 10, 0});
        QVERIFY(view.grab().toImage() != before);
    }
};

QTEST_MAIN(ConfusionViewTest)
#include "tst_confusion_view.moc"
