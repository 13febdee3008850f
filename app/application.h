#pragma once

#include "app/desktop_theme.h"

#include <QObject>
#include <QPalette>
#include <memory>

class QApplication;

namespace app {

class MainWindow;
class Session;
class Settings;

/// The program with a window: settings, theme, session and window, in this order.
class Application : public QObject {
    Q_OBJECT

public:
    explicit Application(QApplication& application);
    ~Application() override;

    /// Shows the window with a project, `template:NAME`, data or picture, or with the starter.
    void open(const QString& file);
    [[nodiscard]] MainWindow& window() { return *m_window; }
    [[nodiscard]] Session& session() { return *m_session; }
    [[nodiscard]] Settings& settings() { return *m_settings; }

private:
    void applyTheme();
    void openNamed(const QString& file);

    QApplication& m_application;
    QPalette m_desktopPalette;
    DesktopTheme m_desktopTheme;
    std::unique_ptr<Settings> m_settings;
    std::unique_ptr<Session> m_session;
    std::unique_ptr<MainWindow> m_window;
};

/// The names under which settings are stored; before anything asks for them.
void setApplicationNames();
/// A display is there for a window.
[[nodiscard]] bool hasDisplay();
/// Runs the window until it is closed; the exit code.
[[nodiscard]] int runWindow(int& argc, char** argv);

} // namespace app
