#include "app/application.h"

#include "app/help/layer_page.h"
#include "app/main_window.h"
#include "app/session.h"

#include <QApplication>
#include <QDir>
#include <QTemporaryDir>
#include <QTimer>
#include <cstdio>

namespace {

/// One picture: a workspace in a theme.
struct Shot {
    widgets::ThemeChoice theme;
    app::Workspace workspace;
    QString file;
};

std::vector<Shot> shots() {
    std::vector<Shot> all;
    for (const auto& [theme, suffix] :
         {std::pair{widgets::ThemeChoice::Light, "light"}, {widgets::ThemeChoice::Dark, "dark"}}) {
        for (const auto& [workspace, name] : {std::pair{app::Workspace::Design, "design"},
                                              {app::Workspace::Data, "data"},
                                              {app::Workspace::Train, "train"},
                                              {app::Workspace::Inspect, "inspect"}}) {
            all.push_back({theme, workspace, QStringLiteral("%1-%2.png").arg(name, suffix)});
        }
    }
    return all;
}

/// Trains the starter network in the real window and photographs every workspace meanwhile.
class Photographer : public QObject {
public:
    Photographer(app::Application& program, const QDir& folder)
        : m_program(program), m_folder(folder), m_shots(shots()) {
        connect(&m_timer, &QTimer::timeout, this, &Photographer::next);
        m_program.window().resize(1440, 900);
        m_program.open({});
        m_timer.start(kSettle);
    }

private:
    static constexpr int kSettle = 1200; ///< Milliseconds for data, maps and curves to arrive.
    static constexpr std::int64_t kEpochsBefore = 4;

    void next() {
        app::Session& session = m_program.session();
        if (!m_started) {
            m_started = true;
            begin(session);
            return;
        }
        if (session.training.status().epoch.epoch < kEpochsBefore) {
            return; // the curves should have something to show
        }
        if (m_current >= 0) {
            save(m_shots[static_cast<std::size_t>(m_current)]);
        }
        ++m_current;
        if (m_current == static_cast<int>(m_shots.size())) {
            session.training.stop();
            m_timer.stop();
            QApplication::exit(m_failed ? 2 : 0);
            return;
        }
        const Shot& shot = m_shots[static_cast<std::size_t>(m_current)];
        m_program.settings().setTheme(shot.theme);
        m_program.window().showWorkspace(shot.workspace);
    }

    static void begin(app::Session& session) {
        nn::Project project = session.document.project();
        project.training.epochs = 40;
        session.document.commit(std::move(project), QStringLiteral("Train longer"));
        if (const nn::Node* node =
                nn::findNode(session.document.graph(), std::string_view("conv2d"))) {
            session.selection.set({node->id});
        }
        session.startTraining();
    }

    void save(const Shot& shot) {
        const QString file = m_folder.filePath(shot.file);
        if (m_program.window().grab().save(file)) {
            std::printf("%s\n", qPrintable(file));
        } else {
            std::fprintf(stderr, "%s could not be written\n", qPrintable(file));
            m_failed = true;
        }
    }

    app::Application& m_program;
    QDir m_folder;
    std::vector<Shot> m_shots;
    QTimer m_timer;
    int m_current = -1;
    bool m_started = false;
    bool m_failed = false;
};

} // namespace

/// receptive_shots DIR: makes the pictures of the documentation from the running program;
/// receptive_shots --pages DIR: writes the pages of the layers.
int main(int argc, char** argv) {
    const QTemporaryDir settings; // not the user's own
    qputenv("XDG_CONFIG_HOME", settings.path().toLocal8Bit());
    app::setApplicationNames();
    QApplication application(argc, argv);
    QApplication::setApplicationDisplayName(QStringLiteral("Receptive"));
    if (argc > 2 && QByteArray(argv[1]) == "--pages") {
        widgets::applyTheme(application, widgets::Theme::light());
        const QString problem = app::writeLayerPages(QString::fromLocal8Bit(argv[2]));
        std::fprintf(stderr, "%s\n", qPrintable(problem));
        return problem.isEmpty() ? 0 : 2;
    }
    const QDir folder(argc > 1 ? QString::fromLocal8Bit(argv[1]) : QStringLiteral("."));
    if (!folder.mkpath(QStringLiteral("."))) {
        std::fprintf(stderr, "%s could not be made\n", qPrintable(folder.path()));
        return 2;
    }
    app::Application program(application);
    const Photographer photographer(program, folder);
    return QApplication::exec();
}
