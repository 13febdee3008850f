#include "app/file_actions.h"

#include "app/actions.h"
#include "app/dialogs/new_dialog.h"
#include "app/project_files.h"
#include "app/session.h"

#include <QAction>
#include <QFileDialog>
#include <QFileInfo>
#include <QMessageBox>
#include <QPushButton>

namespace app {

namespace {

constexpr const char* kSuffix = "receptive";

QString projectFilter() {
    return FileActions::tr("Receptive projects (*.receptive)");
}

QFileDialog* makeDialog(QWidget* window, const QString& title, const QString& folder) {
    auto* dialog = new QFileDialog(window, title, folder);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    return dialog;
}

} // namespace

FileActions::FileActions(Session& session, ProjectFiles& files, Actions& actions, QWidget* window)
    : QObject(window), m_session(session), m_files(files), m_window(window) {
    const auto on = [&actions, this](ActionId id, auto method) {
        connect(actions.at(id), &QAction::triggered, this, method);
    };
    on(ActionId::New, [this] { newProject(); });
    on(ActionId::Open, [this] { open(); });
    on(ActionId::Save, [this] { save(); });
    on(ActionId::SaveAs, [this] { saveAs(); });
    on(ActionId::ClearRecent, [this] { m_session.settings.clearRecentFiles(); });
    on(ActionId::OpenDataFile, [this] { openDataFile(); });
    on(ActionId::OpenDataFolder, [this] { openDataFolder(); });
    connect(&files, &ProjectFiles::failed, this, &FileActions::showFailure);
}

void FileActions::newProject() {
    auto* dialog = new NewDialog(m_window);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &NewDialog::chosen, this, [this](const nn::Project& project) {
        whenSafe([this, project] {
            m_session.document.reset(project, {});
            emit m_session.requests.workspaceWished(Workspace::Design);
        });
    });
    dialog->open();
}

void FileActions::open() {
    auto* dialog = makeDialog(m_window, tr("Open Project"), m_session.settings.lastFolder());
    dialog->setFileMode(QFileDialog::ExistingFile);
    dialog->setNameFilters({projectFilter(), tr("All files (*)")});
    connect(dialog, &QFileDialog::fileSelected, this, &FileActions::openPath);
    dialog->open();
}

void FileActions::openPath(const QString& path) {
    whenSafe([this, path] { m_files.open(path); });
}

void FileActions::save(std::function<void()> then) {
    const QString path = m_session.document.path();
    if (path.isEmpty()) {
        saveAs(std::move(then));
    } else {
        m_files.save(path, std::move(then));
    }
}

void FileActions::saveAs(std::function<void()> then) {
    const Document& document = m_session.document;
    auto* dialog = makeDialog(m_window, tr("Save Project"), m_session.settings.lastFolder());
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setDefaultSuffix(kSuffix);
    dialog->setNameFilter(projectFilter());
    dialog->selectFile(document.path().isEmpty()
                           ? QString::fromStdString(document.graph().name) + "." + kSuffix
                           : document.path());
    connect(dialog, &QFileDialog::fileSelected, this,
            [this, then = std::move(then)](const QString& path) { m_files.save(path, then); });
    dialog->open();
}

void FileActions::whenSafe(std::function<void()> then) {
    if (m_session.training.isActive()) {
        askAboutTraining([this, then = std::move(then)] { askAboutChanges(then); });
    } else {
        askAboutChanges(std::move(then));
    }
}

void FileActions::askAboutTraining(std::function<void()> then) {
    QMessageBox* question =
        makeQuestion("trainingQuestion", tr("The network is being trained."),
                     tr("Stop the training? What was learned so far is kept in the project."));
    QPushButton* stop = question->addButton(tr("&Stop Training"), QMessageBox::AcceptRole);
    question->addButton(tr("&Go On Training"), QMessageBox::RejectRole);
    question->setDefaultButton(stop);
    connect(question, &QMessageBox::buttonClicked, this,
            [this, stop, then = std::move(then)](QAbstractButton* button) {
                if (button == stop) {
                    stopThen(then);
                }
            });
    question->open();
}

void FileActions::stopThen(std::function<void()> then) {
    if (!m_session.training.isActive()) {
        then();
        return;
    }
    // The end of the run puts the weights into the project first, then the state is Idle for all.
    auto* once = new QObject(this);
    const auto goOn = [once, then = std::move(then)] {
        once->deleteLater();
        then();
    };
    connect(&m_session, &Session::trainingEnded, once, goOn, Qt::QueuedConnection);
    connect(&m_session, &Session::trainingRefused, once, goOn, Qt::QueuedConnection);
    m_session.training.stop();
}

void FileActions::askAboutChanges(std::function<void()> then) {
    const Document& document = m_session.document;
    if (!document.isModified()) {
        then();
        return;
    }
    QMessageBox* question =
        makeQuestion("unsavedQuestion", tr("Save the changes to “%1”?").arg(document.displayName()),
                     tr("Without saving, what changed since the last save is lost."));
    question->setStandardButtons(QMessageBox::Save | QMessageBox::Discard | QMessageBox::Cancel);
    question->setDefaultButton(QMessageBox::Save);
    connect(question, &QMessageBox::buttonClicked, this,
            [this, question, then = std::move(then)](QAbstractButton* button) {
                const auto answer = question->standardButton(button);
                if (answer == QMessageBox::Save) {
                    save(then);
                } else if (answer == QMessageBox::Discard) {
                    then();
                }
            });
    question->open();
}

QMessageBox* FileActions::makeQuestion(const QString& name, const QString& text,
                                       const QString& detail) {
    auto* question = new QMessageBox(QMessageBox::Question, tr("Receptive"), text,
                                     QMessageBox::NoButton, m_window);
    question->setObjectName(name);
    question->setAttribute(Qt::WA_DeleteOnClose);
    question->setTextFormat(Qt::PlainText);
    question->setInformativeText(detail);
    return question;
}

void FileActions::showFailure(const QString& title, const QString& reason) {
    auto* message =
        new QMessageBox(QMessageBox::Warning, tr("Receptive"), title, QMessageBox::Ok, m_window);
    message->setObjectName("failureMessage");
    message->setAttribute(Qt::WA_DeleteOnClose);
    message->setTextFormat(Qt::PlainText);
    message->setInformativeText(reason);
    message->open();
}

void FileActions::openDataFile() {
    auto* dialog = makeDialog(m_window, tr("Open Data File"), m_session.settings.lastFolder());
    dialog->setFileMode(QFileDialog::ExistingFile);
    dialog->setNameFilters({tr("IDX files (*-ubyte *-ubyte.gz *.idx *.gz)"), tr("All files (*)")});
    connect(dialog, &QFileDialog::fileSelected, this, [this](const QString& path) {
        m_session.settings.setLastFolder(QFileInfo(path).absolutePath());
        m_session.useData(path);
        emit m_session.requests.workspaceWished(Workspace::Data);
    });
    dialog->open();
}

void FileActions::openDataFolder() {
    auto* dialog = makeDialog(m_window, tr("Open Data Folder"), m_session.settings.lastFolder());
    dialog->setFileMode(QFileDialog::Directory);
    dialog->setOption(QFileDialog::ShowDirsOnly);
    connect(dialog, &QFileDialog::fileSelected, this, [this](const QString& path) {
        m_session.settings.setLastFolder(path);
        m_session.useData(path);
        emit m_session.requests.workspaceWished(Workspace::Data);
    });
    dialog->open();
}

} // namespace app
