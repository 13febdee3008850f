#include "app/application.h"

#include "app/help/definitions.h"
#include "app/help/layer_page.h"
#include "app/main_window.h"
#include "app/session.h"
#include "app/template_project.h"
#include "nn/io/project_file.h"
#include "widgets/plots/training_plot.h"

#include <QApplication>
#include <QDir>
#include <QTemporaryDir>
#include <QTimer>
#include <array>
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

/// A network to look at the window with.
struct Case {
    QString name;
    nn::Project project;
};

/// A chain of many layers.
nn::Project longProject(int layers) {
    nn::Project project = app::templateProject(nn::templates().front());
    nn::Graph graph = *project.graph;
    nn::NodeId last = nn::infer(graph).outputs.front();
    for (int i = 0; i < layers; ++i) {
        nn::Node node{.id = graph.nextId++, .type = "ReLU", .name = nn::freeName(graph, "ReLU")};
        graph.edges.push_back({last, node.id, 0});
        last = node.id;
        graph.nodes.push_back(std::move(node));
    }
    project.graph = std::make_shared<const nn::Graph>(std::move(graph));
    project.positions.clear();
    return project;
}

nn::Project brokenProject() {
    nn::Project project = app::templateProject(nn::templates().front());
    nn::Graph graph = *project.graph;
    for (nn::Node& node : graph.nodes) {
        if (node.type == "Conv2D") {
            node.params["kernel_size"] = nn::Size2{64, 64};
        }
    }
    project.graph = std::make_shared<const nn::Graph>(std::move(graph));
    return project;
}

/// Walks through the window: all workspaces, small and large, in all themes, with networks that are
/// empty, usual, broken and huge.
class Walker : public QObject {
public:
    Walker(app::Application& program, const QDir& folder)
        : m_program(program),
          m_folder(folder), m_cases{{"usual", app::templateProject(nn::templates().front())},
                                    {"empty", {}},
                                    {"broken", brokenProject()},
                                    {"huge", longProject(1000)}} {
        connect(&m_timer, &QTimer::timeout, this, &Walker::next);
        program.open({});
        m_timer.start(kSettle);
    }

private:
    static constexpr int kSettle = 900;
    static constexpr std::array kThemes{widgets::ThemeChoice::Light, widgets::ThemeChoice::Dark,
                                        widgets::ThemeChoice::HighContrast};
    static constexpr std::array kWorkspaces{app::Workspace::Design, app::Workspace::Data,
                                            app::Workspace::Train, app::Workspace::Inspect};

    void next() {
        if (m_step >= 0) {
            m_program.window().grab().save(m_folder.filePath(m_name + ".png"));
        }
        ++m_step;
        const int workspace = m_step % 4;
        const int size = m_step / 4 % 2;
        const int theme = m_step / 8 % 3;
        const int which = m_step / 24;
        if (which == static_cast<int>(m_cases.size())) {
            m_timer.stop();
            QApplication::quit();
            return;
        }
        const Case& shown = m_cases[static_cast<std::size_t>(which)];
        if (m_step % 24 == 0) {
            app::Session& session = m_program.session();
            session.document.reset(shown.project, {});
            const nn::Node* node =
                nn::findNode(session.document.graph(), std::string_view("conv2d"));
            session.selection.set(node == nullptr ? widgets::NodeSet{}
                                                  : widgets::NodeSet{node->id});
        }
        m_name = QStringLiteral("%1-%2-%3-%4").arg(shown.name).arg(theme).arg(size).arg(workspace);
        m_program.settings().setTheme(kThemes[static_cast<std::size_t>(theme)]);
        m_program.window().resize(size == 0 ? QSize(1100, 700) : QSize(1920, 1080));
        m_program.window().showWorkspace(kWorkspaces[static_cast<std::size_t>(workspace)]);
    }

    app::Application& m_program;
    QDir m_folder;
    std::vector<Case> m_cases;
    QTimer m_timer;
    QString m_name;
    int m_step = -1;
};

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

/// Every form in a folder for each theme; the exit code.
int saveForms(QApplication& application, const QString& folder) {
    QString problem;
    for (const auto& [theme, name] : {std::pair{&widgets::Theme::light(), "light"},
                                      {&widgets::Theme::dark(), "dark"},
                                      {&widgets::Theme::highContrast(), "contrast"}}) {
        widgets::applyTheme(application, *theme);
        for (const int width : {308, 248}) { // of panels 320 and 260 wide, beside their scroll bar
            problem += app::writeFormSheets(folder + u'/' + QLatin1String(name), width);
        }
    }
    std::fprintf(stderr, "%s\n", qPrintable(problem));
    return problem.isEmpty() ? 0 : 2;
}

/// The curves of a trained project as *Train* shows them; the exit code.
int saveCurves(const char* project, const char* picture) {
    const auto loaded = nn::io::loadProject(project);
    if (!loaded || loaded->project.history == nullptr) {
        std::fprintf(stderr, "%s: %s\n", project,
                     loaded ? "it was not trained" : loaded.error().message.c_str());
        return 2;
    }
    widgets::TrainingPlot plot;
    plot.setTheme(widgets::Theme::light());
    plot.resize(900, 560);
    plot.setHistory(*loaded->project.history);
    plot.show();
    plot.fit();
    plot.refresh();
    return plot.picture().save(QString::fromLocal8Bit(picture)) ? 0 : 2;
}

constexpr const char* kUsage =
    R"(usage: receptive_shots [DIR]             pictures of the running program for the documentation
       receptive_shots --pages DIR       the pages of the layers
       receptive_shots --walk DIR        the whole window in all sizes, themes and states
       receptive_shots --forms DIR       every form in every theme, as wide as panels are and as
                                         narrow as they get
       receptive_shots --curves FILE.receptive FILE.png      the curves of a training
)";

} // namespace

int main(int argc, char** argv) {
    const QTemporaryDir own; // settings and kept runs, not those of the user
    qputenv("XDG_CONFIG_HOME", own.filePath(QStringLiteral("config")).toLocal8Bit());
    qputenv("XDG_STATE_HOME", own.filePath(QStringLiteral("state")).toLocal8Bit());
    app::setApplicationNames();
    QApplication application(argc, argv);
    QApplication::setApplicationDisplayName(QStringLiteral("Receptive"));
    if (argc > 2 && QByteArray(argv[1]) == "--pages") {
        widgets::applyTheme(application, widgets::Theme::light());
        const QString problem = app::writeLayerPages(QString::fromLocal8Bit(argv[2]));
        std::fprintf(stderr, "%s\n", qPrintable(problem));
        return problem.isEmpty() ? 0 : 2;
    }
    if (argc > 2 && QByteArray(argv[1]) == "--forms") {
        return saveForms(application, QString::fromLocal8Bit(argv[2]));
    }
    if (argc > 2 && QByteArray(argv[1]) == "--walk") {
        const QDir shown(QString::fromLocal8Bit(argv[2]));
        shown.mkpath(QStringLiteral("."));
        app::Application walked(application);
        const Walker walker(walked, shown);
        return QApplication::exec();
    }
    if (argc > 3 && QByteArray(argv[1]) == "--curves") {
        widgets::applyTheme(application, widgets::Theme::light());
        return saveCurves(argv[2], argv[3]);
    }
    if (argc > 1 && QByteArray(argv[1]).startsWith('-')) {
        const bool isWished = QByteArray(argv[1]) == "--help";
        std::fputs(kUsage, isWished ? stdout : stderr);
        return isWished ? 0 : 1;
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
