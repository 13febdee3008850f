#include "tests/support/app/window_fixture.h"
#include "tests/support/text_graph.h"

#include "app/dropped_file.h"

#include <QAccessible>
#include <QAction>
#include <QApplication>
#include <QDockWidget>
#include <QFile>
#include <QLabel>
#include <QMenuBar>
#include <QMessageBox>
#include <QMimeData>
#include <QPushButton>
#include <QSignalSpy>
#include <QStatusBar>
#include <QTest>

using app::ActionId;
using app::Workspace;
using tests::digitsProject;
using tests::WindowFixture;

/// The window as a whole: menus, workspaces, files, drops, layouts.
class MainWindowTest : public QObject {
    Q_OBJECT

private slots:
    void everyActionIsReachableByMenu();
    void keysSwitchWorkspaces();
    void layoutIsRememberedAndReset();
    void hiddenPagesDoNotShrinkDocks();
    void focusableWidgetsHaveAccessibleNames();
    void titleNamesTheFileAndMarksChanges();
    void saveThenOpenGivesTheSameProject();
    void failedOpenKeepsTheProjectAndSaysWhy();
    void failedSaveKeepsTheChangesUnsaved();
    void unsavedChangesAreAskedFor();
    void templateStartsAProject();
    void undoAndRedoNameTheirSteps();
    void paletteAddsAndSelectionFollows();
    void openingAnotherNetworkSelectsNothing();
    void droppedProjectOpens();
    void droppedPictureIsClassified();
    void droppedFolderBecomesData();
    void droppedNonsenseIsRefusedWithItsName();
    void networkIsFittedToDataInOneStep();
    void statusLineCountsWeightsAndProblems();
};

namespace {

constexpr int kPatience = 20'000;

QMessageBox* box(WindowFixture& fixture, const QString& name) {
    return fixture.window->findChild<QMessageBox*>(name);
}

void collect(const QMenu* menu, QSet<QAction*>& found) {
    for (QAction* action : menu->actions()) {
        found.insert(action);
        if (action->menu() != nullptr) {
            collect(action->menu(), found);
        }
    }
}

void drop(WindowFixture& fixture, const QString& path) {
    QMimeData files;
    files.setUrls({QUrl::fromLocalFile(path)});
    const QPoint place(40, 300);
    QDragEnterEvent enter(place, Qt::CopyAction, &files, Qt::LeftButton, Qt::NoModifier);
    QApplication::sendEvent(fixture.window.get(), &enter);
    QVERIFY(enter.isAccepted());
    QDropEvent event(place, Qt::CopyAction, &files, Qt::LeftButton, Qt::NoModifier);
    QApplication::sendEvent(fixture.window.get(), &event);
}

nn::Edit setUnits(const nn::Graph& graph, std::int64_t units) {
    return nn::SetParam{nn::findNode(graph, "dense")->id, "units", units};
}

} // namespace

void MainWindowTest::everyActionIsReachableByMenu() {
    WindowFixture fixture;
    QSet<QAction*> found;
    for (const QAction* top : fixture.window->menuBar()->actions()) {
        QVERIFY(top->text().contains('&'));
        collect(top->menu(), found);
    }
    for (const app::ActionSpec& spec : app::actionSpecs()) {
        QVERIFY2(found.contains(fixture.window->actions().at(spec.id)), spec.name);
    }
    for (const QDockWidget* dock : fixture.window->findChildren<QDockWidget*>()) {
        QVERIFY2(found.contains(dock->toggleViewAction()), qPrintable(dock->objectName()));
        QVERIFY(!dock->objectName().isEmpty());
    }
}

void MainWindowTest::keysSwitchWorkspaces() {
    WindowFixture fixture;
    const std::map<ActionId, Workspace> keys = {{ActionId::Data, Workspace::Data},
                                                {ActionId::Train, Workspace::Train},
                                                {ActionId::Inspect, Workspace::Inspect},
                                                {ActionId::Design, Workspace::Design}};
    for (const auto& [action, workspace] : keys) {
        fixture.trigger(action);
        QCOMPARE(fixture.window->workspace(), workspace);
        QVERIFY(fixture.window->page(workspace)->isVisible());
        QVERIFY(fixture.window->actions().at(action)->isChecked());
    }
}

void MainWindowTest::layoutIsRememberedAndReset() {
    WindowFixture fixture;
    auto* outline = fixture.window->findChild<QDockWidget*>("outline");
    outline->hide();
    fixture.trigger(ActionId::Train);
    fixture.trigger(ActionId::Design);
    QVERIFY(!outline->isVisible());
    fixture.window->close();
    fixture.settings->sync();

    app::Settings again(fixture.folder.filePath("settings.ini"));
    app::Session session(again);
    app::MainWindow window(session);
    window.show();
    QVERIFY(QTest::qWaitForWindowExposed(&window));
    auto* restored = window.findChild<QDockWidget*>("outline");
    QVERIFY(!restored->isVisible());
    window.actions().at(ActionId::ResetLayout)->trigger();
    QVERIFY(restored->isVisible());
}

void MainWindowTest::hiddenPagesDoNotShrinkDocks() {
    WindowFixture fixture;
    auto* properties = fixture.window->findChild<QDockWidget*>("properties");
    const int width = properties->width();
    fixture.trigger(ActionId::Train);
    fixture.trigger(ActionId::Design);
    QTRY_COMPARE(properties->width(), width);
}

void MainWindowTest::focusableWidgetsHaveAccessibleNames() {
    WindowFixture fixture;
    fixture.session->document.reset(digitsProject(1), {});
    fixture.session->data.load();
    QTRY_COMPARE_WITH_TIMEOUT(fixture.session->data.state(), app::DataStore::State::Ready,
                              kPatience);
    fixture.session->selection.set({nn::findNode(fixture.session->document.graph(), "conv2d")->id});
    QStringList nameless;
    for (const Workspace workspace :
         {Workspace::Design, Workspace::Data, Workspace::Train, Workspace::Inspect}) {
        fixture.window->showWorkspace(workspace);
        for (QWidget* widget : fixture.window->findChildren<QWidget*>()) {
            const bool takesFocus = (widget->focusPolicy() & Qt::TabFocus) != 0;
            // A field inside a spin box hands its focus, and its name, to the spin box.
            if (!widget->isVisible() || !takesFocus || widget->focusProxy() != nullptr ||
                widget->inherits("QTabBar") || qobject_cast<QMenuBar*>(widget) != nullptr) {
                continue;
            }
            QAccessibleInterface* known = QAccessible::queryAccessibleInterface(widget);
            if (known == nullptr || known->text(QAccessible::Name).isEmpty()) {
                nameless << QString("%1 “%2” in %3")
                                .arg(widget->metaObject()->className(), widget->objectName(),
                                     widget->parentWidget()->metaObject()->className());
            }
        }
    }
    QVERIFY2(nameless.isEmpty(), qPrintable(nameless.join("\n")));
}

void MainWindowTest::titleNamesTheFileAndMarksChanges() {
    WindowFixture fixture;
    QVERIFY(fixture.window->windowTitle().startsWith("Untitled[*]"));
    fixture.session->document.reset(digitsProject(1), "/somewhere/digits.receptive");
    QVERIFY(fixture.window->windowTitle().startsWith("digits[*]"));
    QVERIFY(!fixture.window->isWindowModified());
    const nn::Graph& graph = fixture.session->document.graph();
    QVERIFY(fixture.session->document.apply(std::vector<nn::Edit>{setUnits(graph, 3)}, {}, "x"));
    QVERIFY(fixture.window->isWindowModified());
    fixture.trigger(ActionId::Undo);
    QVERIFY(!fixture.window->isWindowModified());
}

void MainWindowTest::saveThenOpenGivesTheSameProject() {
    WindowFixture fixture;
    const QString path = fixture.folder.filePath("a.receptive");
    nn::Project project = digitsProject(3);
    project.positions[project.graph->nodes.front().id] = {32.0, 64.0};
    fixture.session->document.reset(project, path);
    const nn::Graph& graph = fixture.session->document.graph();
    QVERIFY(fixture.session->document.apply(std::vector<nn::Edit>{setUnits(graph, 11)}, {}, "x"));
    const nn::Project saved = fixture.session->document.project();
    fixture.trigger(ActionId::Save);
    QTRY_VERIFY_WITH_TIMEOUT(!fixture.session->document.isModified(), kPatience);
    QCOMPARE(fixture.settings->recentFiles(), QStringList{path});

    fixture.session->document.reset(nn::Project(), {});
    fixture.window->fileActions().openPath(path);
    QTRY_COMPARE_WITH_TIMEOUT(fixture.session->document.path(), path, kPatience);
    QCOMPARE(app::differences(fixture.session->document.project(), saved), app::ProjectParts());
}

void MainWindowTest::failedOpenKeepsTheProjectAndSaysWhy() {
    WindowFixture fixture;
    fixture.session->document.reset(digitsProject(1), {});
    QFile broken(fixture.folder.filePath("broken.receptive"));
    QVERIFY(broken.open(QIODevice::WriteOnly));
    broken.write("PK but not a zip");
    broken.close();
    fixture.window->fileActions().openPath(broken.fileName());
    QTRY_VERIFY_WITH_TIMEOUT(box(fixture, "failureMessage"), kPatience);
    QVERIFY(box(fixture, "failureMessage")->informativeText().contains("broken.receptive"));
    QCOMPARE(fixture.session->document.graph().nodes.size(), std::size_t{4});
    QVERIFY(fixture.session->document.path().isEmpty());
}

void MainWindowTest::failedSaveKeepsTheChangesUnsaved() {
    WindowFixture fixture;
    const QString path = fixture.folder.filePath("no/such/folder/a.receptive");
    fixture.session->document.reset(digitsProject(1), path);
    const nn::Graph& graph = fixture.session->document.graph();
    QVERIFY(fixture.session->document.apply(std::vector<nn::Edit>{setUnits(graph, 3)}, {}, "x"));
    fixture.trigger(ActionId::Save);
    QTRY_VERIFY_WITH_TIMEOUT(box(fixture, "failureMessage"), kPatience);
    QVERIFY(fixture.session->document.isModified());
}

void MainWindowTest::unsavedChangesAreAskedFor() {
    WindowFixture fixture;
    const QString path = fixture.folder.filePath("b.receptive");
    fixture.session->document.reset(digitsProject(1), path);
    const nn::Graph& graph = fixture.session->document.graph();
    QVERIFY(fixture.session->document.apply(std::vector<nn::Edit>{setUnits(graph, 3)}, {}, "x"));
    fixture.window->close();
    QVERIFY(box(fixture, "unsavedQuestion"));
    QTest::mouseClick(box(fixture, "unsavedQuestion")->button(QMessageBox::Cancel), Qt::LeftButton);
    QVERIFY(fixture.window->isVisible());
    QVERIFY(!QFile::exists(path));
    QTRY_VERIFY(!box(fixture, "unsavedQuestion"));
    fixture.window->close();
    QTest::mouseClick(box(fixture, "unsavedQuestion")->button(QMessageBox::Save), Qt::LeftButton);
    QTRY_VERIFY_WITH_TIMEOUT(!fixture.window->isVisible(), kPatience);
    QVERIFY(QFile::exists(path));
}

void MainWindowTest::templateStartsAProject() {
    WindowFixture fixture;
    fixture.trigger(ActionId::New);
    auto* dialog = fixture.window->findChild<QDialog*>("newDialog");
    QVERIFY(dialog);
    dialog->accept();
    QVERIFY(!fixture.session->document.graph().nodes.empty());
    QVERIFY(fixture.session->document.inference().isRunnable());
    QVERIFY(!fixture.session->document.isModified());
}

void MainWindowTest::undoAndRedoNameTheirSteps() {
    WindowFixture fixture;
    fixture.session->document.reset(digitsProject(1), {});
    QVERIFY(!fixture.window->actions().at(ActionId::Undo)->isEnabled());
    const nn::Graph& graph = fixture.session->document.graph();
    QVERIFY(fixture.session->document.apply(std::vector<nn::Edit>{setUnits(graph, 3)}, {},
                                            "Set units"));
    QVERIFY(fixture.window->actions().at(ActionId::Undo)->text().contains("Set units"));
    fixture.trigger(ActionId::Undo);
    QVERIFY(fixture.window->actions().at(ActionId::Redo)->text().contains("Set units"));
    QVERIFY(!fixture.window->actions().at(ActionId::Undo)->isEnabled());
}

void MainWindowTest::paletteAddsAndSelectionFollows() {
    WindowFixture fixture;
    emit fixture.session->requests.layerWished("InputLayer");
    emit fixture.session->requests.layerWished("Flatten");
    QCOMPARE(fixture.session->document.graph().nodes.size(), std::size_t{2});
    QCOMPARE(fixture.session->document.graph().edges.size(), std::size_t{1});
    const nn::NodeId last = fixture.session->document.graph().nodes.back().id;
    QCOMPARE(fixture.session->selection.nodes(), widgets::NodeSet{last});
    fixture.trigger(ActionId::Delete);
    QCOMPARE(fixture.session->document.graph().nodes.size(), std::size_t{1});
    QVERIFY(!fixture.session->selection.nodes().contains(last));
}

void MainWindowTest::openingAnotherNetworkSelectsNothing() {
    WindowFixture fixture;
    fixture.session->document.reset(tests::digitsProject(1), {});
    fixture.session->selection.set({tests::node(fixture.session->document.graph(), "conv2d")});
    fixture.session->document.reset(tests::digitsProject(2), {});
    QVERIFY(fixture.session->selection.nodes().isEmpty());
    QCOMPARE(fixture.session->selection.current(), nn::kNoNode);
}

void MainWindowTest::droppedProjectOpens() {
    WindowFixture fixture;
    const QString path = fixture.folder.filePath("c.receptive");
    fixture.session->document.reset(digitsProject(1), path);
    fixture.trigger(ActionId::Save);
    QTRY_VERIFY_WITH_TIMEOUT(QFile::exists(path), kPatience);
    fixture.session->document.reset(nn::Project(), {});
    drop(fixture, path);
    QTRY_COMPARE_WITH_TIMEOUT(fixture.session->document.path(), path, kPatience);
}

void MainWindowTest::droppedPictureIsClassified() {
    WindowFixture fixture;
    fixture.session->document.reset(digitsProject(1), {});
    const QString path = fixture.folder.filePath("photo.png");
    QImage picture(20, 10, QImage::Format_RGB32);
    picture.fill(Qt::white);
    QVERIFY(picture.save(path));
    QSignalSpy seen(&fixture.session->inspection, &app::InspectionController::inspected);
    drop(fixture, path);
    QCOMPARE(fixture.window->workspace(), Workspace::Inspect);
    QTRY_COMPARE_WITH_TIMEOUT(fixture.session->inspection.last().input.size(), QSize(8, 8),
                              kPatience);
    QCOMPARE(fixture.session->inspection.sampleCaption(), QString("photo.png"));
    QCOMPARE(fixture.session->inspection.sampleClass(), -1);
    QCOMPARE(fixture.session->inspection.last().probabilities.size(), std::size_t{10});
}

void MainWindowTest::droppedFolderBecomesData() {
    WindowFixture fixture;
    fixture.session->document.reset(digitsProject(1), {});
    const QDir root(fixture.folder.path());
    for (const QString name : {"cats", "dogs"}) {
        QVERIFY(root.mkpath("pets/" + name));
        for (int i = 0; i < 10; ++i) {
            QImage picture(12, 12, QImage::Format_RGB32);
            picture.fill(QColor::fromHsv(i * 20, 200, 200));
            QVERIFY(picture.save(root.filePath(QString("pets/%1/%2.png").arg(name).arg(i))));
        }
    }
    drop(fixture, root.filePath("pets"));
    QCOMPARE(fixture.window->workspace(), Workspace::Data);
    QTRY_COMPARE_WITH_TIMEOUT(fixture.session->data.state(), app::DataStore::State::Ready,
                              kPatience);
    QCOMPARE(fixture.session->data.source()->train.classCount(), 2);
    QVERIFY(fixture.session->document.isModified());
}

void MainWindowTest::droppedNonsenseIsRefusedWithItsName() {
    WindowFixture fixture;
    QFile nonsense(fixture.folder.filePath("nonsense.bin"));
    QVERIFY(nonsense.open(QIODevice::WriteOnly));
    nonsense.write("hello");
    nonsense.close();
    QCOMPARE(app::droppedKind(nonsense.fileName()), app::DroppedKind::Unknown);
    drop(fixture, nonsense.fileName());
    QVERIFY(fixture.session->log.plainText().contains("nonsense.bin"));
    QVERIFY(fixture.window->statusBar()->currentMessage().contains("nonsense.bin"));
}

void MainWindowTest::networkIsFittedToDataInOneStep() {
    WindowFixture fixture;
    nn::Project project = digitsProject(1);
    project.data.source = "fashion-mini";
    fixture.session->document.reset(project, {});
    fixture.trigger(ActionId::Data);
    fixture.session->data.load();
    QTRY_COMPARE_WITH_TIMEOUT(fixture.session->data.state(), app::DataStore::State::Ready,
                              kPatience);
    QVERIFY(fixture.session->networkFitText().contains("28"));
    fixture.trigger(ActionId::FitNetworkToData);
    QCOMPARE(*fixture.session->document.inference().find(1)->output, (nn::Shape{28, 28, 1}));
    QVERIFY(fixture.session->networkFitText().isEmpty());
    QCOMPARE(fixture.session->document.undoStack().count(), 1);
}

void MainWindowTest::statusLineCountsWeightsAndProblems() {
    WindowFixture fixture;
    fixture.session->document.reset(digitsProject(1), {});
    auto* totals = fixture.window->findChild<QLabel*>("statusTotals");
    QVERIFY2(totals->text().contains("weights"), qPrintable(totals->text()));
    QTRY_VERIFY_WITH_TIMEOUT(totals->text().contains("fits"), kPatience);
    const nn::NodeId conv = nn::findNode(fixture.session->document.graph(), "conv2d")->id;
    QVERIFY(fixture.session->document.apply(
        std::vector<nn::Edit>{nn::SetParam{conv, "kernel_size", nn::Size2{20, 20}}}, {}, "x"));
    QVERIFY2(totals->text().contains("problem"), qPrintable(totals->text()));
}

QTEST_MAIN(MainWindowTest)
#include "tst_main_window.moc"
