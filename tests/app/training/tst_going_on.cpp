#include "tests/support/app/window_fixture.h"

#include "app/banner.h"

#include "nn/io/project_file.h"

#include <QAction>
#include <QDir>
#include <QFile>
#include <QPushButton>
#include <QSettings>
#include <QSignalSpy>
#include <QTest>

using app::ActionId;
using app::RunKeeper;
using app::TrainingState;
using app::Workspace;
using tests::WindowFixture;

/// Going on with a run that was stopped, kept in a project, or cut off with the program.
class GoingOnTest : public QObject {
    Q_OBJECT

private slots:
    void afterStopTheRunGoesOnToTheSameBits();
    void theBannerOffersIt();
    void aProjectWithAnUnfinishedRunOffersIt();
    void otherSettingsAreAnotherRun();
    void aNewRunCanBeBegunInstead();
    void earlierRunsStayInTheHistory();
    void aBackupIsGoneOnWithAndNamed();
    void filesOfCallbacksAreBesideTheProject();
    void theRunIsKeptOnDiskUntilTheProjectIsSaved();
    void whatWasCutOffIsOfferedAndGoesOn();
    void whatWasCutOffCanBeDiscarded();
    void aRunOfAProgramThatLivesIsNotOffered();
    void damagedLeftoversAreNamed();
};

namespace {

constexpr int kPatience = 20'000;

QString runsFolder() {
    return RunKeeper::standardFolder();
}

QStringList keptFiles() {
    return QDir(runsFolder()).entryList({"*.receptive"}, QDir::Files);
}

app::Banner* trainBanner(WindowFixture& fixture) {
    return fixture.window->page(Workspace::Train)->findChild<app::Banner*>("banner");
}

/// Trains `batches` steps and stops there.
void trainSteps(WindowFixture& fixture, std::int64_t batches) {
    for (std::int64_t step = 0; step < batches; ++step) {
        const app::TrainingController& training = fixture.session->training;
        const bool isFirst = step == 0 && !fixture.session->canResume();
        const std::int64_t before = isFirst ? 0 : training.status().batch.step;
        fixture.trigger(ActionId::StepTraining);
        QTRY_COMPARE_WITH_TIMEOUT(fixture.session->training.status().batch.step, before + 1,
                                  kPatience);
        QTRY_COMPARE_WITH_TIMEOUT(fixture.session->training.state(), TrainingState::Paused,
                                  kPatience);
    }
    fixture.trigger(ActionId::StopTraining);
    QTRY_COMPARE_WITH_TIMEOUT(fixture.session->training.state(), TrainingState::Idle, kPatience);
}

void trainToTheEnd(WindowFixture& fixture) {
    const QSignalSpy ended(fixture.session.get(), &app::Session::trainingEnded);
    fixture.trigger(ActionId::StartTraining);
    QTRY_COMPARE_WITH_TIMEOUT(ended.count(), 1, kPatience);
}

const nn::Project& projectOf(WindowFixture& fixture) {
    return fixture.session->document.project();
}

/// What an unbroken run of two epochs learns.
const nn::Weights& unbroken() {
    static const nn::Weights weights = [] {
        WindowFixture fixture;
        fixture.session->document.reset(tests::digitsProject(2), {});
        trainToTheEnd(fixture);
        return *projectOf(fixture).weights;
    }();
    return weights;
}

/// A file as a program that was killed leaves it.
void leaveRun(const nn::Project& project, const QString& name) {
    QVERIFY(QDir().mkpath(runsFolder()));
    const QString file = runsFolder() + "/" + name;
    QVERIFY(nn::io::saveProject((file + ".receptive").toStdString(), project));
    QSettings note(file + ".ini", QSettings::IniFormat);
    note.setValue("project", "/nowhere/digits.receptive");
    note.setValue("name", "digits");
}

nn::Project stoppedProject() {
    WindowFixture fixture;
    fixture.session->document.reset(tests::digitsProject(2), {});
    trainSteps(fixture, 3);
    return projectOf(fixture);
}

} // namespace

void GoingOnTest::afterStopTheRunGoesOnToTheSameBits() {
    WindowFixture fixture;
    fixture.session->document.reset(tests::digitsProject(2), {});
    QVERIFY(!fixture.session->canResume());
    trainSteps(fixture, 5);
    QVERIFY(fixture.session->canResume());
    QCOMPARE(fixture.window->actions().at(ActionId::StartTraining)->text(), QString("&Go On"));
    trainToTheEnd(fixture);
    QCOMPARE(*projectOf(fixture).weights, unbroken());
    QCOMPARE(projectOf(fixture).history->epochs.size(), std::size_t{2});
    QVERIFY(!fixture.session->canResume());
}

void GoingOnTest::theBannerOffersIt() {
    WindowFixture fixture;
    fixture.session->document.reset(tests::digitsProject(2), {});
    trainSteps(fixture, 2);
    app::Banner* banner = trainBanner(fixture);
    QTRY_VERIFY(banner->isVisible());
    QVERIFY2(banner->text().contains("epoch 1 of 2"), qPrintable(banner->text()));
    const QSignalSpy ended(fixture.session.get(), &app::Session::trainingEnded);
    auto* button = banner->findChild<QPushButton*>("bannerAction");
    button->setFocus();
    QTest::keyClick(button, Qt::Key_Space);
    QTRY_COMPARE_WITH_TIMEOUT(ended.count(), 1, kPatience);
    QCOMPARE(*projectOf(fixture).weights, unbroken());
    QVERIFY(!banner->isVisible());
}

void GoingOnTest::aProjectWithAnUnfinishedRunOffersIt() {
    const nn::Project stopped = stoppedProject();
    WindowFixture fixture;
    const QString file = fixture.folder.filePath("stopped.receptive");
    QVERIFY(nn::io::saveProject(file.toStdString(), stopped));
    fixture.window->fileActions().openPath(file);
    QTRY_COMPARE(fixture.session->document.path(), file);
    fixture.trigger(ActionId::Train);
    QVERIFY(trainBanner(fixture)->isVisible());
    trainToTheEnd(fixture);
    QCOMPARE(*projectOf(fixture).weights, unbroken());
}

void GoingOnTest::otherSettingsAreAnotherRun() {
    WindowFixture fixture;
    fixture.session->document.reset(stoppedProject(), {});
    QVERIFY(fixture.session->canResume());
    fixture.trigger(ActionId::Train);
    QVERIFY(trainBanner(fixture)->isVisible());
    nn::Project next = projectOf(fixture);
    next.training.batchSize = 16;
    fixture.session->document.commit(next, "Set batch_size");
    QVERIFY(!fixture.session->canResume());
    QVERIFY(!trainBanner(fixture)->isVisible());
    QCOMPARE(fixture.window->actions().at(ActionId::StartTraining)->text(), QString("&Train On"));
    fixture.trigger(ActionId::Undo);
    QVERIFY(fixture.session->canResume());
    next = projectOf(fixture);
    next.training.epochs = 9; // more of the same is the same run
    fixture.session->document.commit(next, "Set epochs");
    QVERIFY(fixture.session->canResume());
}

void GoingOnTest::aNewRunCanBeBegunInstead() {
    WindowFixture fixture;
    fixture.session->document.reset(stoppedProject(), {});
    const QSignalSpy ended(fixture.session.get(), &app::Session::trainingEnded);
    fixture.trigger(ActionId::NewRun);
    QTRY_COMPARE_WITH_TIMEOUT(ended.count(), 1, kPatience);
    QCOMPARE(fixture.session->training.status().batch.epoch, 1);
    QVERIFY(*projectOf(fixture).weights != unbroken());
}

void GoingOnTest::earlierRunsStayInTheHistory() {
    WindowFixture fixture;
    fixture.session->document.reset(tests::digitsProject(1), {});
    trainToTheEnd(fixture);
    nn::Project next = projectOf(fixture);
    next.training.epochs = 2;
    next.checkpoint.reset(); // a new run, not more of the first
    fixture.session->document.reset(next, {});
    trainSteps(fixture, 3);
    trainToTheEnd(fixture);
    const auto& epochs = projectOf(fixture).history->epochs;
    QCOMPARE(epochs.size(), std::size_t{3});
    QCOMPARE(epochs.back().epoch, 3);
}

void GoingOnTest::aBackupIsGoneOnWithAndNamed() {
    const QTemporaryDir folder;
    nn::Project project = tests::digitsProject(2);
    const std::string backup = folder.filePath("backup").toStdString();
    project.training.callbacks = {
        nn::ParamObject("BackupAndRestore", {{"backup_dir", backup}, {"save_freq", "4"}})};
    {
        WindowFixture fixture;
        fixture.session->document.reset(project, {});
        trainSteps(fixture, 5);
    }
    WindowFixture fixture;
    fixture.session->document.reset(project, {});
    fixture.trigger(ActionId::StepTraining);
    const app::Banner* banner = trainBanner(fixture);
    QTRY_VERIFY_WITH_TIMEOUT(banner->isVisibleTo(banner->parentWidget()), kPatience);
    QVERIFY2(banner->text().contains("backup/latest.receptive, in epoch 1 of 2, after 4 batches"),
             qPrintable(banner->text()));
    QVERIFY(fixture.session->log.plainText().contains(banner->text()));
    QCOMPARE(fixture.session->training.historySoFar().batches.front().step, 1);
    trainToTheEnd(fixture);
    QCOMPARE(*projectOf(fixture).weights, unbroken());
}

// They were in the working directory, which nobody sees in a window.
void GoingOnTest::filesOfCallbacksAreBesideTheProject() {
    const QTemporaryDir folder;
    nn::Project project = tests::digitsProject(1);
    project.training.callbacks = {
        nn::ParamObject("BackupAndRestore",
                        {{"backup_dir", "backup"}, {"delete_checkpoint", false}}),
        nn::ParamObject("CSVLogger", {{"filename", "figures.csv"}})};
    WindowFixture fixture;
    fixture.session->document.reset(project, folder.filePath("net.receptive"));
    trainToTheEnd(fixture);
    QVERIFY(QFile::exists(folder.filePath("figures.csv")));
    QVERIFY(QFile::exists(folder.filePath("backup/latest.receptive")));
    QVERIFY(fixture.session->log.plainText().contains("callbacks are in " + folder.path()));
}

void GoingOnTest::theRunIsKeptOnDiskUntilTheProjectIsSaved() {
    WindowFixture fixture;
    fixture.session->document.reset(tests::digitsProject(2), {});
    const QSignalSpy kept(&fixture.session->runs, &RunKeeper::kept);
    trainSteps(fixture, 3);
    QTRY_VERIFY_WITH_TIMEOUT(kept.count() >= 1, kPatience);
    const auto loaded = nn::io::loadProject(fixture.session->runs.file().toStdString());
    QVERIFY(loaded);
    QVERIFY(loaded->project.checkpoint);
    QCOMPARE(loaded->project.checkpoint->steps, 3);
    QCOMPARE(*loaded->project.weights, *projectOf(fixture).weights);
    QCOMPARE(keptFiles().size(), 1);
    fixture.session->document.setSaved(fixture.session->document.snapshot(), "/saved");
    QTRY_COMPARE(keptFiles().size(), 0);
}

void GoingOnTest::whatWasCutOffIsOfferedAndGoesOn() {
    leaveRun(stoppedProject(), "cut-off");
    WindowFixture fixture;
    auto* banner = fixture.window->findChild<app::Banner*>("recoveryBanner");
    QVERIFY(!banner->isVisible());
    fixture.trigger(ActionId::RescueRun);
    QTRY_VERIFY(banner->isVisible());
    QVERIFY2(banner->text().contains("digits"), qPrintable(banner->text()));
    const QSignalSpy ended(fixture.session.get(), &app::Session::trainingEnded);
    QTest::mouseClick(banner->findChild<QPushButton*>("bannerAction"), Qt::LeftButton);
    QTRY_COMPARE_WITH_TIMEOUT(ended.count(), 1, kPatience);
    QCOMPARE(*projectOf(fixture).weights, unbroken());
    QCOMPARE(fixture.session->document.path(), QString("/nowhere/digits.receptive"));
    QVERIFY(fixture.session->document.isModified());
    fixture.session->document.setSaved(fixture.session->document.snapshot(), "/saved");
    QTRY_COMPARE(keptFiles().size(), 0);
}

void GoingOnTest::whatWasCutOffCanBeDiscarded() {
    leaveRun(stoppedProject(), "cut-off");
    leaveRun(stoppedProject(), "another");
    WindowFixture fixture;
    auto* banner = fixture.window->findChild<app::Banner*>("recoveryBanner");
    fixture.session->runs.lookForLeftovers();
    for (int left = 1; left >= 0; --left) {
        QTRY_VERIFY(banner->isVisible());
        QTest::mouseClick(banner->findChild<QPushButton*>("bannerOther"), Qt::LeftButton);
        QTRY_COMPARE(keptFiles().size(), left);
    }
    QVERIFY(!banner->isVisible());
}

void GoingOnTest::aRunOfAProgramThatLivesIsNotOffered() {
    WindowFixture fixture;
    fixture.session->document.reset(tests::digitsProject(2), {});
    const QSignalSpy kept(&fixture.session->runs, &RunKeeper::kept);
    trainSteps(fixture, 2);
    QTRY_VERIFY_WITH_TIMEOUT(kept.count() >= 1, kPatience);
    {
        WindowFixture other;
        const QSignalSpy nothing(&other.session->runs, &RunKeeper::nothingFound);
        other.trigger(ActionId::RescueRun);
        QTRY_COMPARE(nothing.count(), 1);
        QVERIFY(!other.window->findChild<app::Banner*>("recoveryBanner")->isVisible());
    }
    QCOMPARE(keptFiles().size(), 1);
}

void GoingOnTest::damagedLeftoversAreNamed() {
    QVERIFY(QDir().mkpath(runsFolder()));
    QFile file(runsFolder() + "/damaged.receptive");
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("PK no project");
    file.close();
    WindowFixture fixture;
    auto* banner = fixture.window->findChild<app::Banner*>("recoveryBanner");
    fixture.session->runs.lookForLeftovers();
    QTRY_VERIFY(banner->isVisible());
    QTest::mouseClick(banner->findChild<QPushButton*>("bannerAction"), Qt::LeftButton);
    QTRY_VERIFY2(banner->text().contains("damaged"), qPrintable(banner->text()));
    QTest::mouseClick(banner->findChild<QPushButton*>("bannerOther"), Qt::LeftButton);
    QTRY_COMPARE(keptFiles().size(), 0);
}

QTEST_MAIN(GoingOnTest)
#include "tst_going_on.moc"
