#include "tests/support/app/window_fixture.h"
#include "tests/support/text_graph.h"

#include "app/training/run_figures.h"

#include <QLabel>
#include <QSignalSpy>
#include <QTest>

using app::runFigures;
using app::RunFigures;

/// What the header of a run shows besides the loss.
class RunFiguresTest : public QObject {
    Q_OBJECT

private slots:
    void accuracyIsThatOfTheBatch() {
        const RunFigures figures =
            runFigures({.accuracy = 0.5}, {.epoch = 1, .accuracy = 0.4, .valAccuracy = 0.25});
        QCOMPARE(figures.caption(), QString("accuracy"));
        QCOMPARE(figures.trainingText(), QString("50.0 %"));
        QCOMPARE(figures.validationText(), QString("25.0 %"));
    }

    void everyOutputHasItsAccuracy() {
        const RunFigures figures = runFigures({}, {.epoch = 1,
                                                   .values = {{"digit_loss", 0.1},
                                                              {"digit_accuracy", 0.912},
                                                              {"is_odd_loss", 0.2},
                                                              {"is_odd_accuracy", 0.88},
                                                              {"val_digit_accuracy", 0.9},
                                                              {"learning_rate", 0.01}}});
        QCOMPARE(figures.caption(), QString("accuracy of digit · is_odd"));
        QCOMPARE(figures.trainingText(), QString("91.2 % · 88.0 %"));
        QCOMPARE(figures.validationText(), QString("90.0 % · –"));
    }

    void withoutAccuracyTheFirstMetricIsShown() {
        const RunFigures figures =
            runFigures({}, {.epoch = 1, .values = {{"mae", 1.25}, {"val_mae", 2.5}}});
        QCOMPARE(figures.caption(), QString("mae"));
        QCOMPARE(figures.trainingText(), QString("1.25"));
        QCOMPARE(figures.validationText(), QString("2.5"));
    }

    void whereNothingIsMeasuredNothingIsShown() {
        QVERIFY(runFigures({}, {.epoch = 1, .values = {{"learning_rate", 0.1}}}).isEmpty());
        // Not known before the first epoch ends.
        QCOMPARE(runFigures({}, {}).trainingText(), QString("–"));
    }

    // It showed "accuracy –".
    void theHeaderShowsEveryOutput() {
        tests::WindowFixture fixture;
        nn::Project project = tests::digitsProject(1);
        project.graph = std::make_shared<const nn::Graph>(
            tests::graph("8x8x1 -> flat: Flatten -> digit: Dense(10); flat -> again: Dense(10)"));
        fixture.session->document.reset(project, {});
        const QSignalSpy ended(fixture.session.get(), &app::Session::trainingEnded);
        fixture.trigger(app::ActionId::StartTraining);
        QTRY_COMPARE_WITH_TIMEOUT(ended.count(), 1, 20'000);
        const auto* value = fixture.window->findChild<QLabel*>("runMetric");
        QCOMPARE(value->text().count('%'), 2);
        QVERIFY2(value->accessibleName().startsWith("accuracy of digit · again"),
                 qPrintable(value->accessibleName()));
        QVERIFY(fixture.session->log.plainText().contains("digit_accuracy"));
    }
};

QTEST_MAIN(RunFiguresTest)
#include "tst_run_figures.moc"
