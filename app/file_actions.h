#pragma once

#include <QObject>
#include <functional>

class QMessageBox;
class QWidget;

namespace app {

class Actions;
class ProjectFiles;
class Session;

/// New, Open, Save and what must be asked before the project is left. Dialogs never block.
class FileActions : public QObject {
    Q_OBJECT

public:
    FileActions(Session& session, ProjectFiles& files, Actions& actions, QWidget* window);

    void newProject();
    void open();
    void openPath(const QString& path);
    void save(std::function<void()> then = {});
    void saveAs(std::function<void()> then = {});
    /// Calls `then` once nothing is lost by leaving the project: training has ended, changes are
    /// saved or given up. Not called when the user cancels.
    void whenSafe(std::function<void()> then);
    void openDataFile();
    void openDataFolder();

private:
    void askAboutTraining(std::function<void()> then);
    void askAboutChanges(std::function<void()> then);
    void stopThen(std::function<void()> then);
    void showFailure(const QString& title, const QString& reason);
    [[nodiscard]] QMessageBox* makeQuestion(const QString& name, const QString& text,
                                            const QString& detail);

    Session& m_session;
    ProjectFiles& m_files;
    QWidget* m_window;
};

} // namespace app
