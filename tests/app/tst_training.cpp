#include "tests/support/app/window_fixture.h"

#include "tests/support/text_graph.h"

#include "app/banner.h"

#include <QAction>
#include <QMessageBox>
#include <QPushButton>
#include <QSignalSpy>
#include <QTest>

using app::ActionId;
using app::TrainingOutcome;
using app::TrainingState;
using app::Workspace;
using tests::digitsProject;
using tests::WindowFixture;

/// Training in the window: steering it, editing and closing meanwhile, what is left afterwards.
class TrainingTest : public QObject {
    Q_OBJECT

private slots:
    void startTrainsAndLeavesWeightsAndHistoryAsOneStep();
    void pauseHoldsAndGoesOn();
    void stepTrainsOneBatch();
    void stopKeepsWhatWasLearned();
    void trainingOnContinuesTheEpochs();
    void editingMeanwhileDoesNotAffectTheRun();
    void weightsOfAChangedNetworkAreOffered();
    void closingWhileTrainingAsks();
    void brokenNetworkIsRefusedWithItsReason();
    void missingDataAreRefusedWithTheirPath();
    void divergenceIsShownAndFiniteWeightsStay();
    void resetWeightsCanBeUndone();
    void signalsOfManyBatchesComeTogether();
};

namespace {

constexpr int kPatience = 20'000;
constexpr std::int64_t kLong = 100'000;

/// A run that has made its first batches.
void startLongRun(WindowFixture& fixture) {
    fixture.session->document.reset(digitsProject(kLong), {});
    QSignalSpy batches(&fixture.session->training, &app::TrainingController::batchesDone);
    fixture.trigger(ActionId::StartTraining);
    QTRY_VERIFY_WITH_TIMEOUT(batches.count() > 1, kPatience);
}

void stop(WindowFixture& fixture) {
    fixture.trigger(ActionId::StopTraining);
    QTRY_COMPARE_WITH_TIMEOUT(fixture.session->training.state(), TrainingState::Idle, kPatience);
}

QMessageBox* question(WindowFixture& fixture, const QString& name) {
    return fixture.window->findChild<QMessageBox*>(name);
}

} // namespace

void TrainingTest::startTrainsAndLeavesWeightsAndHistoryAsOneStep() {
    WindowFixture fixture;
    fixture.session->document.reset(digitsProject(2), {});
    QSignalSpy ended(fixture.session.get(), &app::Session::trainingEnded);
    fixture.trigger(ActionId::StartTraining);
    QCOMPARE(fixture.window->workspace(), Workspace::Train);
    QTRY_COMPARE_WITH_TIMEOUT(ended.count(), 1, kPatience);
    const nn::Project& project = fixture.session->document.project();
    QVERIFY(project.weights);
    QVERIFY(project.history);
    QCOMPARE(project.history->epochs.size(), std::size_t{2});
    QVERIFY(project.history->epochs.back().loss < project.history->epochs.front().loss);
    QCOMPARE(fixture.session->document.undoStack().count(), 1);
    QCOMPARE(fixture.session->document.undoStack().undoText(), QString("Train 2 Epochs"));
    QVERIFY(fixture.window->isWindowModified());
    fixture.trigger(ActionId::Undo);
    QVERIFY(!fixture.session->document.project().weights);
    fixture.trigger(ActionId::Redo);
    QVERIFY(fixture.session->document.project().weights);
}

void TrainingTest::pauseHoldsAndGoesOn() {
    WindowFixture fixture;
    startLongRun(fixture);
    fixture.trigger(ActionId::PauseTraining);
    QTRY_COMPARE_WITH_TIMEOUT(fixture.session->training.state(), TrainingState::Paused, kPatience);
    const std::int64_t held = fixture.session->training.status().batch.step;
    QSignalSpy batches(&fixture.session->training, &app::TrainingController::batchesDone);
    QVERIFY(!batches.wait(200));
    QCOMPARE(fixture.session->training.status().batch.step, held);
    fixture.trigger(ActionId::StartTraining);
    QTRY_VERIFY_WITH_TIMEOUT(fixture.session->training.status().batch.step > held, kPatience);
    stop(fixture);
}

void TrainingTest::stepTrainsOneBatch() {
    WindowFixture fixture;
    fixture.session->document.reset(digitsProject(kLong), {});
    for (std::int64_t step = 1; step <= 3; ++step) {
        fixture.trigger(ActionId::StepTraining);
        QTRY_COMPARE_WITH_TIMEOUT(fixture.session->training.status().batch.step, step, kPatience);
        QTRY_COMPARE_WITH_TIMEOUT(fixture.session->training.state(), TrainingState::Paused,
                                  kPatience);
    }
    stop(fixture);
    QCOMPARE(fixture.session->training.status().batch.step, 3);
}

void TrainingTest::stopKeepsWhatWasLearned() {
    WindowFixture fixture;
    startLongRun(fixture);
    stop(fixture);
    QTRY_VERIFY(fixture.session->document.project().weights);
    QVERIFY(!fixture.session->document.project().history->batches.empty());
}

void TrainingTest::trainingOnContinuesTheEpochs() {
    WindowFixture fixture;
    fixture.session->document.reset(digitsProject(1), {});
    QSignalSpy ended(fixture.session.get(), &app::Session::trainingEnded);
    fixture.trigger(ActionId::StartTraining);
    QTRY_COMPARE_WITH_TIMEOUT(ended.count(), 1, kPatience);
    const double first = fixture.session->document.project().history->epochs.front().loss;
    fixture.trigger(ActionId::StartTraining);
    QTRY_COMPARE_WITH_TIMEOUT(ended.count(), 2, kPatience);
    const auto& epochs = fixture.session->document.project().history->epochs;
    QCOMPARE(epochs.size(), std::size_t{2});
    QCOMPARE(epochs.back().epoch, 2);
    QVERIFY(epochs.back().loss < first);
}

void TrainingTest::editingMeanwhileDoesNotAffectTheRun() {
    WindowFixture fixture;
    fixture.session->document.reset(digitsProject(3), {});
    QSignalSpy ended(fixture.session.get(), &app::Session::trainingEnded);
    fixture.trigger(ActionId::StartTraining);
    QTRY_COMPARE_WITH_TIMEOUT(ended.count(), 1, kPatience);
    const nn::Weights alone = *fixture.session->document.project().weights;

    fixture.session->document.reset(digitsProject(3), {});
    fixture.trigger(ActionId::StepTraining);
    QTRY_COMPARE_WITH_TIMEOUT(fixture.session->training.state(), TrainingState::Paused, kPatience);
    app::Document& document = fixture.session->document;
    const nn::NodeId conv = nn::findNode(document.graph(), "conv2d")->id;
    QVERIFY(document.apply(std::vector<nn::Edit>{nn::SetParam{conv, "filters", std::int64_t{5}}},
                           {}, "Set filters"));
    nn::Project next = document.project();
    next.training.batchSize = 7;
    document.commit(std::move(next), "Set batch_size");
    fixture.trigger(ActionId::StartTraining);
    QTRY_COMPARE_WITH_TIMEOUT(ended.count(), 2, kPatience);
    const auto outcome = ended.back().front().value<TrainingOutcome>();
    QCOMPARE(*outcome.weights, alone);
    QCOMPARE(document.project().training.batchSize, 7);
}

void TrainingTest::weightsOfAChangedNetworkAreOffered() {
    WindowFixture fixture;
    startLongRun(fixture);
    app::Document& document = fixture.session->document;
    const nn::NodeId dense = nn::findNode(document.graph(), "dense")->id;
    const nn::NodeId conv = nn::findNode(document.graph(), "conv2d")->id;
    QVERIFY(document.apply(std::vector<nn::Edit>{nn::SetParam{dense, "units", std::int64_t{12}}},
                           {}, "Set units"));
    stop(fixture);
    auto* banner = fixture.window->findChild<app::Banner*>("banner");
    QTRY_VERIFY(banner->isVisible());
    QVERIFY(!document.project().weights);
    QTest::mouseClick(banner->findChild<QPushButton*>("bannerAction"), Qt::LeftButton);
    QVERIFY(document.project().weights);
    QVERIFY(document.project().weights->find(conv, "kernel") != nullptr);
    QVERIFY(!banner->isVisible());
}

void TrainingTest::closingWhileTrainingAsks() {
    WindowFixture fixture;
    startLongRun(fixture);
    fixture.window->close();
    QVERIFY(fixture.window->isVisible());
    QMessageBox* asked = question(fixture, "trainingQuestion");
    QVERIFY(asked);
    QTest::mouseClick(asked->buttons().at(1), Qt::LeftButton);
    QVERIFY(fixture.session->training.isActive());

    fixture.window->close();
    QTRY_VERIFY(question(fixture, "trainingQuestion"));
    QTest::mouseClick(question(fixture, "trainingQuestion")->defaultButton(), Qt::LeftButton);
    QTRY_VERIFY_WITH_TIMEOUT(question(fixture, "unsavedQuestion"), kPatience);
    QVERIFY(fixture.session->document.project().weights);
    QMessageBox* unsaved = question(fixture, "unsavedQuestion");
    QTest::mouseClick(unsaved->button(QMessageBox::Discard), Qt::LeftButton);
    QTRY_VERIFY(!fixture.window->isVisible());
}

void TrainingTest::brokenNetworkIsRefusedWithItsReason() {
    WindowFixture fixture;
    nn::Project project = digitsProject(1);
    const auto broken =
        nn::apply(*project.graph, nn::SetParam{nn::findNode(*project.graph, "conv2d")->id,
                                               "kernel_size", nn::Size2{9, 9}});
    QVERIFY(broken);
    project.graph = std::make_shared<const nn::Graph>(*broken);
    fixture.session->document.reset(project, {});
    fixture.trigger(ActionId::StartTraining);
    auto* banner = fixture.window->findChild<app::Banner*>("banner");
    QTRY_VERIFY(banner->isVisible());
    QVERIFY2(banner->text().contains("9"), qPrintable(banner->text()));
    QCOMPARE(fixture.session->training.state(), TrainingState::Idle);
}

void TrainingTest::missingDataAreRefusedWithTheirPath() {
    WindowFixture fixture;
    nn::Project project = digitsProject(1);
    project.data.source = fixture.folder.filePath("nothing-here").toStdString();
    fixture.session->document.reset(project, {});
    fixture.trigger(ActionId::StartTraining);
    auto* banner = fixture.window->findChild<app::Banner*>("banner");
    QTRY_VERIFY_WITH_TIMEOUT(banner->isVisible(), kPatience);
    QVERIFY2(banner->text().contains("nothing-here"), qPrintable(banner->text()));
}

void TrainingTest::divergenceIsShownAndFiniteWeightsStay() {
    WindowFixture fixture;
    nn::Project project = digitsProject(50);
    project.training.optimizer = "SGD";
    project.training.optimizerParams["learning_rate"] = 1000.0;
    project.training.loss = "mean_squared_error";
    project.graph =
        std::make_shared<const nn::Graph>(tests::graph("8x8x1 -> Flatten -> Dense(10)"));
    fixture.session->document.reset(project, {});
    QSignalSpy ended(fixture.session.get(), &app::Session::trainingEnded);
    fixture.trigger(ActionId::StartTraining);
    QTRY_COMPARE_WITH_TIMEOUT(ended.count(), 1, kPatience);
    const auto outcome = ended.front().front().value<TrainingOutcome>();
    QCOMPARE(outcome.outcome, nn::TrainOutcome::Diverged);
    auto* banner = fixture.window->findChild<app::Banner*>("banner");
    QVERIFY(banner->isVisible());
    QVERIFY2(banner->text().contains("batch"), qPrintable(banner->text()));
    QCOMPARE(fixture.session->runProblems().size(), std::size_t{1});
    for (const nn::Tensor& tensor : outcome.weights->tensors) {
        for (const float value : tensor.values()) {
            QVERIFY(std::isfinite(value));
        }
    }
}

void TrainingTest::resetWeightsCanBeUndone() {
    WindowFixture fixture;
    fixture.session->document.reset(digitsProject(1), {});
    QVERIFY(!fixture.window->actions().at(ActionId::ResetWeights)->isEnabled());
    QSignalSpy ended(fixture.session.get(), &app::Session::trainingEnded);
    fixture.trigger(ActionId::StartTraining);
    QTRY_COMPARE_WITH_TIMEOUT(ended.count(), 1, kPatience);
    const auto trained = fixture.session->document.project().weights;
    fixture.trigger(ActionId::ResetWeights);
    QVERIFY(!fixture.session->document.project().weights);
    QVERIFY(!fixture.session->document.project().history);
    fixture.trigger(ActionId::Undo);
    QCOMPARE(fixture.session->document.project().weights, trained);
}

void TrainingTest::signalsOfManyBatchesComeTogether() {
    WindowFixture fixture;
    fixture.session->document.reset(digitsProject(20), {});
    QSignalSpy ended(fixture.session.get(), &app::Session::trainingEnded);
    int signalCount = 0;
    std::int64_t batches = 0;
    connect(&fixture.session->training, &app::TrainingController::batchesDone, this,
            [&](const std::vector<nn::BatchProgress>& some) {
                ++signalCount;
                batches += static_cast<std::int64_t>(some.size());
            });
    QElapsedTimer timer;
    timer.start();
    fixture.trigger(ActionId::StartTraining);
    QTRY_COMPARE_WITH_TIMEOUT(ended.count(), 1, kPatience);
    QCOMPARE(batches, fixture.session->training.status().batch.step);
    constexpr int kMostPerSecond = 40;
    constexpr int kEpochSignals = 20 * 2;
    QVERIFY(signalCount <= kEpochSignals + kMostPerSecond * (1 + timer.elapsed() / 1000));
}

QTEST_MAIN(TrainingTest)
#include "tst_training.moc"
