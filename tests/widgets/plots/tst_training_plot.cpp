#include "widgets/plots/training_plot.h"
#include "widgets/save_file.h"
#include "widgets/theme.h"

#include <QApplication>
#include <QComboBox>
#include <QLabel>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <cmath>
#include <qcustomplot.h>

using namespace widgets;

namespace {

enum Curve { Batches, Smoothed, Training, Validation };

std::vector<nn::BatchProgress> fallingLoss(std::int64_t count) {
    std::vector<nn::BatchProgress> batches;
    for (std::int64_t i = 1; i <= count; ++i) {
        batches.push_back({.step = i,
                           .epoch = (i - 1) / 10,
                           .batch = (i - 1) % 10 + 1,
                           .batchesPerEpoch = 10,
                           .loss = 2.0 / static_cast<double>(i),
                           .accuracy = 0.5});
    }
    return batches;
}

nn::EpochResult epoch(std::int64_t number, double valAccuracy) {
    return {.epoch = number,
            .loss = 1.0 / static_cast<double>(number),
            .accuracy = 0.8,
            .valLoss = 1.5 / static_cast<double>(number),
            .valAccuracy = valAccuracy};
}

QCPGraph* curve(const TrainingPlot& plot, Curve which) {
    return plot.plot()->graph(which);
}

QCPRange lossRange(const TrainingPlot& plot) {
    return curve(plot, Training)->valueAxis()->range();
}

QCPRange epochRange(const TrainingPlot& plot) {
    return curve(plot, Training)->keyAxis()->range();
}

} // namespace

class TestTrainingPlot : public QObject {
    Q_OBJECT

private slots:
    void saysWhatToDoWhileEmpty() {
        TrainingPlot plot;
        plot.setEmptyText(QStringLiteral("Press Train."));
        plot.refresh();
        QCOMPARE(plot.summary(), QStringLiteral("Press Train."));
        QVERIFY(plot.plot()->accessibleDescription().contains(QStringLiteral("Press Train.")));
    }

    void everyPointBecomesPartOfItsCurve() {
        TrainingPlot plot;
        plot.appendBatches(fallingLoss(40));
        plot.appendEpoch(epoch(1, 0.8));
        plot.appendEpoch(epoch(2, 0.9));
        plot.refresh();
        QCOMPARE(curve(plot, Batches)->dataCount(), 40);
        QCOMPARE(curve(plot, Training)->dataCount(), 2);
        QCOMPARE(curve(plot, Validation)->dataCount(), 2);
        QCOMPARE(curve(plot, Smoothed)->dataCount(), 0);
        plot.appendBatches(fallingLoss(5));
        plot.refresh();
        QCOMPARE(curve(plot, Batches)->dataCount(), 45);
    }

    void anotherFigureTakesTheLowerPane() {
        TrainingPlot plot;
        plot.appendBatches(fallingLoss(4));
        nn::EpochResult measured = epoch(1, 0.8);
        measured.values = {{"auc", 0.9}, {"val_auc", 0.7}, {"learning_rate", 0.001}};
        plot.appendEpoch(measured);
        plot.refresh();
        auto* choice = plot.findChild<QComboBox*>("figure");
        QCOMPARE(choice->count(), 3);
        QCOMPARE(plot.figure(), QStringLiteral("accuracy"));
        plot.setFigure(QStringLiteral("auc"));
        plot.refresh();
        QCPAxisRect* lower = plot.plot()->axisRect(1);
        const auto value = [&](int index) {
            return lower->graphs()[index]->data()->constBegin()->value;
        };
        QCOMPARE(lower->graphs()[Batches]->dataCount(), 0);
        QCOMPARE(value(Training), 0.9);
        QCOMPARE(value(Validation), 0.7);
        QVERIFY(plot.readOut(1.0).contains("val_auc"));
        plot.setFigure(QStringLiteral("learning_rate"));
        plot.refresh();
        QCOMPARE(value(Training), 0.001);
        QVERIFY(lower->axis(QCPAxis::atLeft)->range().upper < 0.01);
        plot.reset();
        plot.refresh();
        QCOMPARE(plot.figure(), QStringLiteral("accuracy"));
    }

    void axesHoldEverything() {
        TrainingPlot plot;
        plot.appendBatches(fallingLoss(35));
        plot.refresh();
        QVERIFY(epochRange(plot).lower <= 0.0);
        QVERIFY(epochRange(plot).upper >= 4.0);
        QVERIFY(lossRange(plot).lower <= 0.0);
        QVERIFY(lossRange(plot).upper >= 2.0);
        QVERIFY(lossRange(plot).upper <= 2.2);
    }

    void logarithmicAxisLeavesOutWhatIsNotPositive() {
        TrainingPlot plot;
        std::vector<nn::BatchProgress> batches = fallingLoss(10);
        batches[4].loss = 0.0;
        batches[5].loss = -1.0;
        plot.appendBatches(batches);
        plot.setLogarithmic(true);
        plot.refresh();
        QCOMPARE(curve(plot, Batches)->valueAxis()->scaleType(), QCPAxis::stLogarithmic);
        QVERIFY(lossRange(plot).lower > 0.0);
        QVERIFY(std::isnan(curve(plot, Batches)->data()->at(4)->value));
        QVERIFY(std::isnan(curve(plot, Batches)->data()->at(5)->value));
        plot.setLogarithmic(false);
        plot.refresh();
        QCOMPARE(curve(plot, Batches)->data()->at(5)->value, -1.0);
    }

    void smoothingDrawsTheMovingAverage() {
        TrainingPlot plot;
        const std::vector<nn::BatchProgress> batches = fallingLoss(30);
        plot.appendBatches(batches);
        plot.setSmoothing(0.8);
        plot.refresh();
        QCOMPARE(plot.smoothing(), 0.8);
        QCOMPARE(curve(plot, Smoothed)->dataCount(), 30);
        MovingAverage average(0.8);
        for (int i = 0; i < 30; ++i) {
            const double wanted = average.next(batches[static_cast<std::size_t>(i)].loss);
            QCOMPARE(curve(plot, Smoothed)->data()->at(i)->value, wanted);
        }
    }

    void nanBreaksTheLineAndNothingElse() {
        TrainingPlot plot;
        std::vector<nn::BatchProgress> batches = fallingLoss(10);
        batches[3].loss = std::numeric_limits<double>::quiet_NaN();
        batches[6].loss = std::numeric_limits<double>::infinity();
        plot.appendBatches(batches);
        plot.refresh();
        QVERIFY(std::isfinite(lossRange(plot).upper));
        QCOMPARE(curve(plot, Batches)->dataCount(), 10);
    }

    void userZoomStopsFollowingAndFitFollowsAgain() {
        TrainingPlot plot;
        plot.appendBatches(fallingLoss(20));
        plot.refresh();
        QTest::keyClick(&plot, Qt::Key_Plus);
        QVERIFY(!plot.isFollowing());
        const QCPRange zoomed = epochRange(plot);
        plot.appendBatches(fallingLoss(90));
        plot.refresh();
        QCOMPARE(epochRange(plot), zoomed);
        QTest::keyClick(&plot, Qt::Key_F);
        plot.refresh();
        QVERIFY(plot.isFollowing());
        QVERIFY(epochRange(plot).upper >= 9.0);
    }

    void panesAreStacked() {
        TrainingPlot plot;
        plot.resize(600, 400);
        plot.appendEpoch(epoch(1, 0.8));
        plot.refresh();
        plot.plot()->replot(QCustomPlot::rpImmediateRefresh);
        QCOMPARE(plot.plot()->axisRectCount(), 2);
        const QRect upper = plot.plot()->axisRect(0)->rect();
        const QRect lower = plot.plot()->axisRect(1)->rect();
        QVERIFY(upper.bottom() < lower.top());
        QCOMPARE(upper.left(), lower.left());
        QCOMPARE(upper.right(), lower.right());
    }

    void panesShareTheEpochAxis() {
        TrainingPlot plot;
        curve(plot, Batches)->keyAxis()->setRange(2.0, 5.0);
        QCOMPARE(plot.plot()->graph(4)->keyAxis()->range(), QCPRange(2.0, 5.0));
    }

    void manyAppendsCostOneReplot() {
        TrainingPlot plot;
        plot.resize(500, 300);
        plot.show();
        QVERIFY(QTest::qWaitForWindowExposed(&plot));
        plot.appendBatches(fallingLoss(1));
        QTRY_COMPARE(curve(plot, Batches)->dataCount(), 1);
        const QSignalSpy replots(plot.plot(), &QCustomPlot::afterReplot);
        for (int i = 0; i < 1000; ++i) {
            plot.appendBatches(fallingLoss(1));
        }
        QTRY_VERIFY(replots.count() >= 1);
        QCOMPARE(curve(plot, Batches)->dataCount(), 1001);
        QVERIFY(replots.count() <= 2);
    }

    void cursorReadsTheNearestEpoch() {
        QLocale::setDefault(QLocale::c());
        TrainingPlot plot;
        plot.appendEpoch(epoch(1, 0.8));
        plot.appendEpoch(epoch(2, 0.9));
        const QString text = plot.readOut(1.9);
        QVERIFY(text.contains(QStringLiteral("epoch 2")));
        QVERIFY(text.contains(QStringLiteral("val. accuracy 0.9")));
        QVERIFY(plot.readOut(0.8).contains(QStringLiteral("epoch 1")));
    }

    void arrowsMoveTheCursor() {
        TrainingPlot plot;
        for (int i = 1; i <= 3; ++i) {
            plot.appendEpoch(epoch(i, 0.8));
        }
        const QSignalSpy moved(&plot, &TrainingPlot::cursorMoved);
        QTest::keyClick(&plot, Qt::Key_Right);
        QTest::keyClick(&plot, Qt::Key_Left);
        QCOMPARE(moved.count(), 2);
        QCOMPARE(moved.at(0).first().toDouble(), 3.0);
        QCOMPARE(moved.at(1).first().toDouble(), 2.0);
    }

    void summaryNamesValueAndTrend() {
        QLocale::setDefault(QLocale::c());
        TrainingPlot plot;
        plot.appendEpoch(epoch(1, 0.8));
        plot.appendEpoch(epoch(2, 0.91));
        QCOMPARE(plot.summary(), QStringLiteral("Validation accuracy 0.91 at epoch 2, rising"));
        plot.appendEpoch({.epoch = 3, .loss = 0.1});
        QCOMPARE(plot.summary(), QStringLiteral("Training loss 0.1 at epoch 3, falling"));
    }

    void everyControlHasAName() {
        TrainingPlot plot;
        for (const QWidget* child : plot.findChildren<QWidget*>()) {
            QVERIFY2(child->focusPolicy() == Qt::NoFocus || !child->accessibleName().isEmpty(),
                     child->metaObject()->className());
        }
    }

    void pointerShowsTheValuesAtTheCursor() {
        TrainingPlot plot;
        plot.resize(600, 400);
        plot.appendEpoch(epoch(1, 0.8));
        plot.appendEpoch(epoch(2, 0.9));
        plot.refresh();
        plot.show();
        QVERIFY(QTest::qWaitForWindowExposed(&plot));
        QTRY_VERIFY(plot.plot()->axisRect(0)->width() > 200);
        const QSignalSpy moved(&plot, &TrainingPlot::cursorMoved);
        QTest::mouseMove(plot.plot(), plot.plot()->axisRect(0)->center());
        QTRY_COMPARE(moved.count(), 1);
        const QList<QLabel*> labels = plot.plot()->findChildren<QLabel*>();
        const auto shown = std::find_if(labels.begin(), labels.end(), [](const QLabel* label) {
            return label->isVisible() && label->text().startsWith(QStringLiteral("epoch 1"));
        });
        QVERIFY(shown != labels.end());
        QVERIFY(plot.plot()->rect().contains((*shown)->geometry()));
    }

    void resetForgetsTheRun() {
        TrainingPlot plot;
        plot.appendBatches(fallingLoss(50));
        plot.refresh();
        plot.reset();
        plot.refresh();
        QVERIFY(plot.data().isEmpty());
        QCOMPARE(curve(plot, Batches)->dataCount(), 0);
    }

    void historyIsShownWhole() {
        TrainingPlot plot;
        plot.setHistory({.batches = fallingLoss(12), .epochs = {epoch(1, 0.5)}});
        plot.refresh();
        QCOMPARE(curve(plot, Batches)->dataCount(), 12);
        QCOMPARE(curve(plot, Training)->dataCount(), 1);
    }

    void themeChangesTheColours() {
        applyTheme(*qApp, Theme::light());
        TrainingPlot plot;
        QCOMPARE(curve(plot, Training)->pen().color(), Theme::light().series[0]);
        applyTheme(*qApp, Theme::dark());
        QTRY_COMPARE(curve(plot, Training)->pen().color(), Theme::dark().series[0]);
        applyTheme(*qApp, Theme::light());
    }

    void pictureAndFileAreWritten() {
        const QTemporaryDir folder;
        TrainingPlot plot;
        plot.resize(400, 300);
        plot.appendBatches(fallingLoss(20));
        plot.refresh();
        const QString path = folder.filePath(QStringLiteral("curves.png"));
        QCOMPARE(writeFile(path, pngBytes(plot.picture().toImage())), QString());
        QVERIFY(!QImage(path).isNull());
        const QString failure = writeFile(QStringLiteral("/no/such/folder/x.csv"), plot.csv());
        QVERIFY(failure.contains(QStringLiteral("x.csv")));
    }
};

QTEST_MAIN(TestTrainingPlot)
#include "tst_training_plot.moc"
