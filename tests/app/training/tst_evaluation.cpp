#include "tests/support/app/window_fixture.h"

#include "app/training/evaluation_view.h"

#include "widgets/images/confusion_view.h"

#include <QLabel>
#include <QSignalSpy>
#include <QTabWidget>
#include <QTableView>
#include <QTest>

using app::ActionId;
using tests::WindowFixture;

/// How well each class is recognised, after a run.
class EvaluationTest : public QObject {
    Q_OBJECT

private slots:
    void aTrainedNetworkIsEvaluatedWhenSomebodyLooks();
    void nothingIsComputedWhileNobodyLooks();
    void changedWeightsAreEvaluatedAnew();
    void whatHasNoClassesSaysSo();
};

namespace {

constexpr int kPatience = 20'000;

void train(WindowFixture& fixture) {
    const QSignalSpy ended(fixture.session.get(), &app::Session::trainingEnded);
    fixture.trigger(ActionId::StartTraining);
    QTRY_COMPARE_WITH_TIMEOUT(ended.count(), 1, kPatience);
}

app::EvaluationView& look(WindowFixture& fixture) {
    fixture.trigger(ActionId::Train);
    fixture.window->findChild<QTabWidget*>("trainViews")->setCurrentIndex(1);
    return *fixture.window->findChild<app::EvaluationView*>();
}

} // namespace

void EvaluationTest::aTrainedNetworkIsEvaluatedWhenSomebodyLooks() {
    WindowFixture fixture;
    fixture.session->document.reset(tests::digitsProject(2), {});
    app::EvaluationView& view = look(fixture);
    auto* matrix = view.findChild<widgets::ConfusionView*>();
    QCOMPARE(matrix->classes(), 0);
    train(fixture);
    QTRY_COMPARE_WITH_TIMEOUT(matrix->classes(), 10, kPatience);
    const nn::Evaluation& result = fixture.session->evaluation.report()->result;
    qint64 all = 0;
    qint64 right = 0;
    for (int truth = 0; truth < 10; ++truth) {
        for (int said = 0; said < 10; ++said) {
            all += matrix->count(truth, said);
            right += truth == said ? matrix->count(truth, said) : 0;
        }
    }
    QCOMPARE(all, qint64{result.images});
    QCOMPARE(static_cast<double>(right) / static_cast<double>(all), result.accuracy);
    QCOMPARE(result.accuracy,
             fixture.session->document.project().history->epochs.back().valAccuracy);
    QCOMPARE(view.findChild<QTableView*>()->model()->rowCount(), 10);
    QVERIFY(view.findChild<QLabel*>("evaluationSummary")->text().contains("test images"));
}

void EvaluationTest::nothingIsComputedWhileNobodyLooks() {
    WindowFixture fixture;
    fixture.session->document.reset(tests::digitsProject(1), {});
    train(fixture);
    QVERIFY(fixture.session->evaluation.report() == nullptr);
    look(fixture);
    QTRY_VERIFY_WITH_TIMEOUT(fixture.session->evaluation.report() != nullptr, kPatience);
}

void EvaluationTest::changedWeightsAreEvaluatedAnew() {
    WindowFixture fixture;
    fixture.session->document.reset(tests::digitsProject(1), {});
    train(fixture);
    look(fixture);
    QTRY_VERIFY_WITH_TIMEOUT(fixture.session->evaluation.report() != nullptr, kPatience);
    const double before = fixture.session->evaluation.report()->result.loss;
    fixture.trigger(ActionId::NewRun);
    QTRY_VERIFY_WITH_TIMEOUT(fixture.session->evaluation.report() != nullptr &&
                                 fixture.session->evaluation.report()->result.loss != before,
                             kPatience);
    fixture.trigger(ActionId::ResetWeights);
    QVERIFY(fixture.session->evaluation.report() == nullptr);
}

void EvaluationTest::whatHasNoClassesSaysSo() {
    WindowFixture fixture;
    nn::Project project = tests::digitsProject(1);
    project.training.loss = "mean_squared_error";
    fixture.session->document.reset(project, {});
    const app::EvaluationView& view = look(fixture);
    train(fixture);
    QTRY_VERIFY_WITH_TIMEOUT(fixture.session->evaluation.report() != nullptr, kPatience);
    QVERIFY(!view.findChild<QTableView*>()->isVisible() ||
            fixture.session->evaluation.report()->result.confusion.classes > 0);
}

QTEST_MAIN(EvaluationTest)
#include "tst_evaluation.moc"
