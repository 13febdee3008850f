#pragma once

#include <QObject>
#include <QString>

class QWidget;

namespace app {

class Actions;
class FileActions;
class Session;

/// Ties the actions of the window that belong to no page to what they do, and enables them when
/// they make sense.
class WindowActions : public QObject {
    Q_OBJECT

public:
    WindowActions(Session& session, Actions& actions, QWidget* window);

private:
    void showHelp();
    void bindUndo();
    void bindTraining();
    void bindSelection();
    void bindDialogs();
    void showTrainingState();
    void showSelectionState();

    Session& m_session;
    Actions& m_actions;
    QWidget* m_window;
    bool m_isAskedForRuns = false;
};

/// What dropping a file on the window will do, and doing it.
[[nodiscard]] QString dropText(const QString& path);
void useDroppedFile(Session& session, FileActions& files, const QString& path);

} // namespace app
