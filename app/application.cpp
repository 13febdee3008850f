#include "app/application.h"

#include "app/main_window.h"
#include "app/template_project.h"
#include "app/window_actions.h"

#include "nn/base/version.h"

#include "widgets/icons.h"

#include <QApplication>
#include <QFileInfo>
#include <QTimer>

namespace app {

Application::Application(QApplication& application)
    : m_application(application), m_desktopPalette(application.palette()),
      m_settings(std::make_unique<Settings>()) {
    applyTheme();
    QApplication::setWindowIcon(widgets::applicationIcon());
    connect(m_settings.get(), &Settings::themeChanged, this, &Application::applyTheme);
    connect(&m_desktopTheme, &DesktopTheme::changed, this, &Application::applyTheme);
    m_desktopTheme.watch();
    m_session = std::make_unique<Session>(*m_settings);
    m_session->document.reset(templateProject(nn::templates().front()), {});
    m_window = std::make_unique<MainWindow>(*m_session);
}

Application::~Application() = default;

void Application::applyTheme() {
    const bool followsDesktop = m_settings->theme() == widgets::ThemeChoice::System;
    const auto kind = followsDesktop && m_desktopTheme.kind()
                          ? *m_desktopTheme.kind()
                          : widgets::resolvedTheme(m_settings->theme(), m_desktopPalette);
    widgets::applyTheme(m_application, widgets::Theme::of(kind));
}

void Application::open(const QString& file) {
    m_window->show();
    // Images and files are read after the first picture is on the screen.
    QTimer::singleShot(0, this, [this, file] {
        openNamed(file);
        m_session->data.load();
        m_session->forecast.refresh();
        m_session->runs.lookForLeftovers();
    });
}

void Application::openNamed(const QString& file) {
    const QString prefix = QStringLiteral("template:");
    if (file.startsWith(prefix)) {
        const QString name = file.mid(prefix.size());
        if (const nn::Template* entry = nn::findTemplate(name.toStdString())) {
            m_session->document.reset(templateProject(*entry), {});
        } else {
            const QString reason =
                tr("There is no template “%1”. File → New shows all of them.").arg(name);
            m_session->log.fail(reason);
            emit m_session->requests.hint(reason);
        }
    } else if (QFileInfo::exists(file)) {
        useDroppedFile(*m_session, m_window->fileActions(), file);
    } else if (!file.isEmpty()) {
        m_window->fileActions().openPath(file);
    }
}

void setApplicationNames() {
    QCoreApplication::setOrganizationName("receptive");
    QCoreApplication::setApplicationName("receptive");
    QCoreApplication::setApplicationVersion(QString::fromUtf8(nn::version.data()));
}

bool hasDisplay() {
    return qEnvironmentVariableIsSet("DISPLAY") || qEnvironmentVariableIsSet("WAYLAND_DISPLAY") ||
           qEnvironmentVariable("QT_QPA_PLATFORM").startsWith("offscreen");
}

int runWindow(int& argc, char** argv) {
    setApplicationNames();
    QApplication application(argc, argv);
    QApplication::setApplicationDisplayName("Receptive");
    Application program(application);
    const QStringList arguments = QCoreApplication::arguments();
    program.open(arguments.size() > 1 ? arguments.at(1) : QString());
    return QApplication::exec();
}

} // namespace app
