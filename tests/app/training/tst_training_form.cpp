#include "tests/support/app/window_fixture.h"

#include "tests/support/text_graph.h"

#include "app/training/training_form.h"

#include "nn/io/project_file.h"
#include "nn/train/callback.h"
#include "nn/train/metric.h"

#include "widgets/params/object_list.h"
#include "widgets/params/param_form.h"
#include "widgets/plots/schedule_plot.h"

#include <QAction>
#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QPushButton>
#include <QTest>
#include <QToolButton>

using app::ActionId;
using tests::WindowFixture;

/// Everything the engine can do in a run can be chosen in the window, and taken back.
class TrainingFormTest : public QObject {
    Q_OBJECT

private slots:
    void everyMetricAndCallbackCanBeAdded();
    void argumentsOfACallbackAreSet();
    void aCallbackThatWatchesNothingSaysSo();
    void averagesThatNobodyKeepsAreNamedAtOnce();
    void classWeightsAreSetByClass();
    void balancingMakesRareClassesCountMore();
    void everyOutputHasItsLoss();
    void lossesOfOutputsThatAreGoneCanBeForgotten();
    void theScheduleIsDrawn();
    void theSplitCanBeStratified();
    void settingsThatContradictEachOtherAreNamed();
    void nothingIsWiderThanANarrowPanel();

private:
    [[nodiscard]] static QList<QAction*> menuOf(WindowFixture& fixture, const char* list);
};

namespace {

/// The form of the settings, on a page that is shown.
app::TrainingForm& formOf(WindowFixture& fixture) {
    fixture.trigger(ActionId::Train);
    return *fixture.window->findChild<app::TrainingForm*>();
}

const nn::TrainSettings& settingsOf(WindowFixture& fixture) {
    return fixture.session->document.project().training;
}

void type(QWidget* control, const QString& text) {
    QVERIFY(control != nullptr);
    auto* edit = qobject_cast<QLineEdit*>(control);
    if (edit == nullptr) {
        edit = control->findChild<QLineEdit*>();
    }
    edit->setFocus();
    edit->selectAll();
    QTest::keyClicks(edit, text);
    QTest::keyClick(edit, Qt::Key_Return);
}

void openDigits(WindowFixture& fixture) {
    fixture.session->document.reset(tests::digitsProject(3), {});
    fixture.session->data.load();
    QTRY_VERIFY(fixture.session->data.source());
}

nn::Project twoOutputs() {
    nn::Project project = tests::digitsProject(1);
    nn::Graph graph = tests::graph("8x8x1 -> Flatten -> Dense(10)");
    const nn::NodeId flatten = nn::findNode(graph, "flatten")->id;
    const nn::NodeId second = graph.nextId;
    const auto edited =
        nn::applyAll(graph, std::vector<nn::Edit>{nn::AddNode{.type = "Dense"},
                                                  nn::SetParam{second, "units", std::int64_t{10}},
                                                  nn::Connect{flatten, second, 0}});
    project.graph = std::make_shared<const nn::Graph>(edited.value());
    return project;
}

} // namespace

QList<QAction*> TrainingFormTest::menuOf(WindowFixture& fixture, const char* list) {
    return formOf(fixture)
        .findChild<widgets::ObjectList*>(list)
        ->findChild<QToolButton*>("add")
        ->menu()
        ->actions();
}

void TrainingFormTest::everyMetricAndCallbackCanBeAdded() {
    WindowFixture fixture;
    openDigits(fixture);
    QCOMPARE(menuOf(fixture, "metrics").size(),
             static_cast<qsizetype>(nn::metricFamily().defs().size()));
    QCOMPARE(menuOf(fixture, "callbacks").size(),
             static_cast<qsizetype>(nn::callbackFamily().defs().size()));
    for (QAction* action : menuOf(fixture, "callbacks")) {
        action->trigger();
    }
    QCOMPARE(settingsOf(fixture).callbacks.size(), nn::callbackFamily().defs().size());
    // What was chosen is in the file, and undo takes it back.
    const auto read =
        nn::io::projectFromJson(nn::io::projectJson(fixture.session->document.project()));
    QVERIFY(read);
    QCOMPARE(read->training.callbacks, settingsOf(fixture).callbacks);
    fixture.trigger(ActionId::Undo);
    QCOMPARE(settingsOf(fixture).callbacks.size(), nn::callbackFamily().defs().size() - 1);
    menuOf(fixture, "metrics").front()->trigger();
    QCOMPARE(settingsOf(fixture).metrics.size(), std::size_t{2});
}

void TrainingFormTest::argumentsOfACallbackAreSet() {
    WindowFixture fixture;
    openDigits(fixture);
    nn::Project project = fixture.session->document.project();
    project.training.callbacks = {nn::ParamObject("EarlyStopping")};
    fixture.session->document.commit(project, "Add EarlyStopping");
    auto* list = formOf(fixture).findChild<widgets::ObjectList*>("callbacks");
    type(list->form(0)->field("patience"), "7");
    QCOMPARE(settingsOf(fixture).callbacks.front(),
             nn::ParamObject("EarlyStopping", {{"patience", std::int64_t{7}}}));
    type(list->form(0)->field("patience"), "-7");
    QCOMPARE(settingsOf(fixture).callbacks.front().params().size(), std::size_t{1});
}

void TrainingFormTest::aCallbackThatWatchesNothingSaysSo() {
    WindowFixture fixture;
    openDigits(fixture);
    nn::Project project = fixture.session->document.project();
    project.training.callbacks = {
        nn::ParamObject("EarlyStopping", {{"monitor", std::string("val_auc")}})};
    fixture.session->document.commit(project, "Watch val_auc");
    auto* list = formOf(fixture).findChild<widgets::ObjectList*>("callbacks");
    auto* problem = list->findChild<QLabel*>("problem");
    QVERIFY(problem->isVisibleTo(list));
    QVERIFY2(problem->text().contains("val_auc"), qPrintable(problem->text()));
    project.training.metrics = {nn::ParamObject("accuracy"), nn::ParamObject("AUC")};
    fixture.session->document.commit(project, "Measure it");
    QVERIFY(!list->findChild<QLabel*>("problem")->isVisibleTo(list));
}

void TrainingFormTest::averagesThatNobodyKeepsAreNamedAtOnce() {
    WindowFixture fixture;
    openDigits(fixture);
    nn::Project project = fixture.session->document.project();
    project.training.callbacks = {nn::ParamObject("SwapEMAWeights")};
    fixture.session->document.commit(project, "Swap");
    auto* list = formOf(fixture).findChild<widgets::ObjectList*>("callbacks");
    const auto* problem = list->findChild<QLabel*>("problem");
    QVERIFY(problem->isVisibleTo(list));
    QVERIFY2(problem->text().contains("Set use_ema"), qPrintable(problem->text()));
    project.training.optimizerParams["use_ema"] = true;
    fixture.session->document.commit(project, "Keep averages");
    QVERIFY(!list->findChild<QLabel*>("problem")->isVisibleTo(list));
}

void TrainingFormTest::classWeightsAreSetByClass() {
    WindowFixture fixture;
    openDigits(fixture);
    auto* weights = formOf(fixture).findChild<widgets::ParamForm*>("classWeights");
    QTRY_VERIFY(weights->field("3 3") != nullptr);
    emit weights->valueCommitted("3 3", 2.5);
    QCOMPARE(settingsOf(fixture).classWeights, (std::map<std::int64_t, double>{{3, 2.5}}));
    fixture.trigger(ActionId::Undo);
    QVERIFY(settingsOf(fixture).classWeights.empty());
}

void TrainingFormTest::balancingMakesRareClassesCountMore() {
    WindowFixture fixture;
    openDigits(fixture);
    formOf(fixture).findChild<QPushButton*>("balanceClasses")->click();
    const auto weights = settingsOf(fixture).classWeights;
    QVERIFY(!weights.empty());
    const auto counts = [&](std::int32_t label) {
        return std::ranges::count(fixture.session->data.source()->train.labels(), label);
    };
    for (const auto& [label, weight] : weights) {
        const double all = static_cast<double>(counts(static_cast<std::int32_t>(label))) * weight;
        const double even =
            static_cast<double>(fixture.session->data.source()->train.size()) / 10.0;
        QVERIFY(std::abs(all / even - 1.0) < 0.01);
    }
    formOf(fixture).findChild<QPushButton*>("equalClasses")->click();
    QVERIFY(settingsOf(fixture).classWeights.empty());
}

void TrainingFormTest::everyOutputHasItsLoss() {
    WindowFixture fixture;
    fixture.session->document.reset(twoOutputs(), {});
    const auto fields = formOf(fixture).findChildren<QWidget*>("loss_weight");
    QCOMPARE(fields.size(), 2);
    type(fields.back(), "0.25");
    QCOMPARE(settingsOf(fixture).outputLosses.size(), std::size_t{1});
    QCOMPARE(settingsOf(fixture).outputLosses.begin()->second.weight, 0.25);
    type(formOf(fixture).findChildren<QWidget*>("loss_weight").back(), "1");
    QVERIFY(settingsOf(fixture).outputLosses.empty());
}

void TrainingFormTest::lossesOfOutputsThatAreGoneCanBeForgotten() {
    WindowFixture fixture;
    nn::Project project = tests::digitsProject(1);
    project.training.outputLosses["no_longer"] = {.weight = 2.0};
    fixture.session->document.reset(project, {});
    auto* button = formOf(fixture).findChild<QPushButton*>("forgetLosses");
    QVERIFY(button->isVisibleTo(&formOf(fixture)));
    button->click();
    QVERIFY(settingsOf(fixture).outputLosses.empty());
    QVERIFY(!button->isVisibleTo(&formOf(fixture)));
}

void TrainingFormTest::theScheduleIsDrawn() {
    WindowFixture fixture;
    openDigits(fixture);
    auto* plot = formOf(fixture).findChild<widgets::SchedulePlot*>();
    QVERIFY(!plot->isVisible());
    nn::Project project = fixture.session->document.project();
    project.training.optimizerParams["learning_rate"] = nn::ParamObject(
        "PolynomialDecay", {{"initial_learning_rate", 0.1}, {"decay_steps", 100.0}});
    fixture.session->document.commit(project, "Let the rate sink");
    QVERIFY(plot->isVisible());
    QCOMPARE(plot->rates().front(), 0.1);
    QVERIFY(plot->rates().back() < 0.001);
}

void TrainingFormTest::theSplitCanBeStratified() {
    WindowFixture fixture;
    openDigits(fixture);
    app::TrainingForm& form = formOf(fixture);
    auto* box = form.findChild<QWidget*>("stratified");
    QVERIFY(!box->isVisibleTo(&form));
    type(form.findChild<QWidget*>("validation_split"), "0.2");
    QVERIFY(box->isVisibleTo(&form));
    QTest::mouseClick(box, Qt::LeftButton, {}, QPoint(8, box->height() / 2));
    QVERIFY(settingsOf(fixture).stratified);
}

void TrainingFormTest::settingsThatContradictEachOtherAreNamed() {
    WindowFixture fixture;
    openDigits(fixture);
    auto* problem = formOf(fixture).findChild<QLabel*>("settingsProblem");
    QVERIFY(!problem->isVisible());
    nn::Project project = fixture.session->document.project();
    project.training.optimizerParams["clipnorm"] = 1.0;
    project.training.optimizerParams["clipvalue"] = 1.0;
    fixture.session->document.commit(project, "Clip twice");
    QVERIFY(problem->isVisible());
    QVERIFY2(problem->text().contains("clip"), qPrintable(problem->text()));
}

void TrainingFormTest::nothingIsWiderThanANarrowPanel() {
    WindowFixture fixture;
    nn::Project project = twoOutputs();
    for (const nn::ObjectDef& def : nn::metricFamily().defs()) {
        project.training.metrics.push_back(nn::defaultObject(def));
    }
    for (const nn::ObjectDef& def : nn::callbackFamily().defs()) {
        project.training.callbacks.push_back(nn::defaultObject(def));
    }
    fixture.session->document.reset(project, {});
    constexpr int kPanel = 260;
    constexpr int kScrollBar = 12;
    QVERIFY2(formOf(fixture).minimumSizeHint().width() <= kPanel - kScrollBar,
             qPrintable(QString::number(formOf(fixture).minimumSizeHint().width())));
}

QTEST_MAIN(TrainingFormTest)
#include "tst_training_form.moc"
