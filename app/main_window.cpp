#include "app/main_window.h"

#include "app/drop_overlay.h"
#include "app/dropped_file.h"
#include "app/panels/panels.h"
#include "app/recovery_banner.h"
#include "app/status_totals.h"
#include "app/window_actions.h"

#include "widgets/label_room.h"
#include "widgets/theme.h"

#include <QAction>
#include <QCloseEvent>
#include <QDockWidget>
#include <QDragEnterEvent>
#include <QMenuBar>
#include <QMimeData>
#include <QStackedWidget>
#include <QStatusBar>
#include <QToolBar>
#include <QToolButton>
#include <QVBoxLayout>

namespace app {

namespace {

/// Counts the sets of docks and tool bars; older layouts are not restored.
constexpr int kLayoutVersion = 2;
constexpr QSize kFirstSize(1280, 800);
constexpr QSize kMinimumSize(880, 560);
constexpr int kLeftWidth = 232;
constexpr int kRightWidth = 312;
constexpr int kBottomHeight = 208;

} // namespace

MainWindow::MainWindow(Session& session, QWidget* parent)
    : QMainWindow(parent), m_session(session),
      m_files(session.document, session.settings, session.log), m_specs(pageSpecs()) {
    setObjectName("mainWindow");
    setMinimumSize(kMinimumSize);
    resize(kFirstSize);
    setAcceptDrops(true);
    setDockOptions(AnimatedDocks | AllowNestedDocks | AllowTabbedDocks);
    m_fileActions = new FileActions(session, m_files, m_actions, this);
    makeCentre();
    m_actions.setTheme(widgets::Theme::of(this));
    makeDocks();
    makeMenus();
    makeToolBar();
    statusBar()->addPermanentWidget(new widgets::LabelRoom(new StatusTotals(session, this)));
    bindSession();
    new WindowActions(session, m_actions, this);
    bindActions();
    m_overlay = new DropOverlay(this);
    if (!restoreGeometry(session.settings.windowGeometry())) {
        resize(kFirstSize);
    }
    showWorkspace(Workspace::Design);
    showTitle();
}

MainWindow::~MainWindow() = default;

void MainWindow::makeCentre() {
    auto* centre = new QWidget(this);
    m_stack = new QStackedWidget(centre);
    auto* column = new QVBoxLayout(centre);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(makeRecoveryBanner(m_session, *m_fileActions, centre));
    column->addWidget(m_stack, 1);
    setCentralWidget(centre);
}

void MainWindow::makeDocks() {
    setCorner(Qt::BottomLeftCorner, Qt::LeftDockWidgetArea);
    setCorner(Qt::BottomRightCorner, Qt::RightDockWidgetArea);
    for (const PanelSpec& spec : panelSpecs()) {
        auto* dock = new QDockWidget(spec.title, this);
        dock->setObjectName(spec.name);
        QWidget* panel = spec.make(m_session, dock);
        dock->setWidget(panel);
        connect(panel, &QWidget::windowTitleChanged, dock, &QWidget::setWindowTitle);
        m_docks[spec.name] = dock;
    }
}

void MainWindow::makeMenus() {
    for (const MenuId id : kMenus) {
        QMenu* menu = menuBar()->addMenu(menuTitle(id));
        menu->setToolTipsVisible(false);
        const QList<QAction*> items = m_actions.ofMenu(id);
        menu->addActions(items);
        if (id == MenuId::File) {
            m_recent = new QMenu(tr("Open &Recent"), menu);
            menu->insertMenu(items[2], m_recent);
        } else if (id == MenuId::View) {
            m_panels = new QMenu(tr("&Panels"), menu);
            menu->insertMenu(m_actions.at(ActionId::ResetLayout), m_panels);
        }
    }
    for (const PanelSpec& spec : panelSpecs()) {
        m_panels->addAction(m_docks.at(spec.name)->toggleViewAction());
    }
    fillRecentMenu();
}

void MainWindow::makeToolBar() {
    auto* bar = addToolBar(tr("Main"));
    bar->setObjectName("mainToolBar");
    bar->setMovable(false);
    bar->setIconSize({widgets::spacing::kToolIcon, widgets::spacing::kToolIcon});
    bar->toggleViewAction()->setVisible(false);
    const auto add = [&](ActionId id, Qt::ToolButtonStyle style) {
        bar->addAction(m_actions.at(id));
        auto* button = qobject_cast<QToolButton*>(bar->widgetForAction(m_actions.at(id)));
        button->setToolButtonStyle(style);
        button->setFocusPolicy(Qt::TabFocus);
        button->setAccessibleName(m_actions.at(id)->statusTip());
    };
    for (const PageSpec& spec : m_specs) {
        add(spec.action, Qt::ToolButtonTextBesideIcon);
    }
    bar->addSeparator();
    for (const ActionId id : {ActionId::New, ActionId::Open, ActionId::Save}) {
        add(id, Qt::ToolButtonIconOnly);
    }
    bar->addSeparator();
    for (const ActionId id : {ActionId::Undo, ActionId::Redo}) {
        add(id, Qt::ToolButtonIconOnly);
    }
    auto* space = new QWidget(bar);
    space->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Preferred);
    bar->addWidget(space);
    add(ActionId::StartTraining, Qt::ToolButtonTextBesideIcon);
    for (const ActionId id :
         {ActionId::PauseTraining, ActionId::StepTraining, ActionId::StopTraining}) {
        add(id, Qt::ToolButtonIconOnly);
    }
}

void MainWindow::bindActions() {
    for (const PageSpec& spec : m_specs) {
        connect(m_actions.at(spec.action), &QAction::triggered, this,
                [this, workspace = spec.workspace] { showWorkspace(workspace); });
    }
    connect(m_actions.at(ActionId::ResetLayout), &QAction::triggered, this,
            &MainWindow::resetLayout);
    connect(m_actions.at(ActionId::Quit), &QAction::triggered, this, &QWidget::close);
}

void MainWindow::bindSession() {
    connect(&m_session.document, &Document::modifiedChanged, this, &QWidget::setWindowModified);
    connect(&m_session.document, &Document::pathChanged, this, &MainWindow::showTitle);
    connect(&m_session.settings, &Settings::recentFilesChanged, this, &MainWindow::fillRecentMenu);
    connect(&m_session.requests, &Requests::workspaceWished, this, &MainWindow::showWorkspace);
    connect(&m_session.requests, &Requests::hint, this, [this](const QString& text) {
        constexpr int kMilliseconds = 8000;
        statusBar()->showMessage(text, kMilliseconds);
    });
    connect(&m_files, &ProjectFiles::busyChanged, this,
            [this](const QString& what) { statusBar()->showMessage(what); });
    connect(&m_session.requests, &Requests::propertiesWished, this,
            [this] { showPanel("properties"); });
    connect(&m_session.requests, &Requests::panelWished, this, &MainWindow::showPanel);
    connect(&m_session.requests, &Requests::layerSearchWished, this, [this] {
        showWorkspace(Workspace::Design);
        showPanel("palette");
    });
}

void MainWindow::showPanel(const QString& name) {
    m_docks.at(name)->show();
    m_docks.at(name)->raise();
}

void MainWindow::fillRecentMenu() {
    m_recent->clear();
    int number = 1;
    for (const QString& path : m_session.settings.recentFiles()) {
        QString shown = path;
        auto* action =
            m_recent->addAction(QString("&%1  %2").arg(number % 10).arg(shown.replace('&', "&&")));
        connect(action, &QAction::triggered, this, [this, path] { m_fileActions->openPath(path); });
        ++number;
    }
    m_recent->setEnabled(number > 1);
    m_actions.at(ActionId::ClearRecent)->setEnabled(number > 1);
}

QWidget* MainWindow::page(Workspace workspace) {
    QWidget*& page = m_pages[workspace];
    if (page == nullptr) {
        for (const PageSpec& spec : m_specs) {
            if (spec.workspace == workspace) {
                page = spec.make(m_session, m_actions, m_stack);
                page->setObjectName(spec.name + "Page");
                m_stack->addWidget(page);
            }
        }
    }
    return page;
}

void MainWindow::showWorkspace(Workspace workspace) {
    QWidget* shown = page(workspace);
    const bool isFirst = !std::exchange(m_isArranged, true);
    if (!isFirst && workspace == m_workspace) {
        return;
    }
    if (!isFirst) {
        storeLayout();
    }
    m_workspace = workspace;
    for (const PageSpec& spec : m_specs) {
        if (spec.workspace == workspace) {
            m_actions.at(spec.action)->setChecked(true);
            showPage(shown);
            restoreLayout(spec);
        }
    }
    if (!isFirst) {
        shown->setFocus();
    }
}

void MainWindow::showPage(QWidget* shown) {
    // A page that is not shown must not ask for room: the docks would shrink for it.
    for (int i = 0; i < m_stack->count(); ++i) {
        m_stack->widget(i)->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Ignored);
    }
    shown->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
    m_stack->setCurrentWidget(shown);
}

void MainWindow::restoreLayout(const PageSpec& spec) {
    const QByteArray state = m_session.settings.layout(spec.name);
    if (state.isEmpty() || !restoreState(state, kLayoutVersion)) {
        arrangeDocks(spec);
    }
}

void MainWindow::arrangeDocks(const PageSpec& spec) {
    QDockWidget* before = nullptr;
    std::map<Qt::DockWidgetArea, QDockWidget*> last;
    for (const PanelSpec& panel : panelSpecs()) {
        QDockWidget* dock = m_docks.at(panel.name);
        dock->setFloating(false);
        addDockWidget(panel.area, dock);
        if (panel.tabbed && before != nullptr) {
            tabifyDockWidget(before, dock);
        } else if (panel.area == Qt::LeftDockWidgetArea && last.contains(panel.area)) {
            splitDockWidget(last[panel.area], dock, Qt::Vertical);
        }
        dock->setVisible(spec.docks.contains(panel.name));
        last[panel.area] = dock;
        before = dock;
    }
    m_docks.at("properties")->raise();
    m_docks.at("summary")->raise();
    resizeDocks({m_docks.at("palette"), m_docks.at("properties")}, {kLeftWidth, kRightWidth},
                Qt::Horizontal);
    resizeDocks({m_docks.at("summary")}, {kBottomHeight}, Qt::Vertical);
}

void MainWindow::storeLayout() {
    for (const PageSpec& spec : m_specs) {
        if (spec.workspace == m_workspace) {
            m_session.settings.setLayout(spec.name, saveState(kLayoutVersion));
        }
    }
}

void MainWindow::resetLayout() {
    m_session.settings.clearLayouts();
    for (const PageSpec& spec : m_specs) {
        if (spec.workspace == m_workspace) {
            arrangeDocks(spec);
        }
    }
}

void MainWindow::showTitle() {
    setWindowFilePath(m_session.document.path());
    setWindowTitle(m_session.document.displayName() + "[*] — Receptive");
    setWindowModified(m_session.document.isModified());
}

void MainWindow::closeEvent(QCloseEvent* event) {
    if (!m_mayClose && (m_session.training.isActive() || m_session.document.isModified())) {
        event->ignore();
        m_fileActions->whenSafe([this] {
            m_mayClose = true;
            close();
        });
        return;
    }
    storeLayout();
    m_session.settings.setWindowGeometry(saveGeometry());
    m_session.settings.sync();
    event->accept();
}

void MainWindow::changeEvent(QEvent* event) {
    QMainWindow::changeEvent(event);
    if (event->type() == QEvent::PaletteChange) {
        m_actions.setTheme(widgets::Theme::of(this));
    }
}

void MainWindow::dragEnterEvent(QDragEnterEvent* event) {
    const QStringList files = droppedFiles(event->mimeData());
    if (!files.isEmpty()) {
        event->acceptProposedAction();
        m_overlay->showText(dropText(files.front()));
    }
}

void MainWindow::dragLeaveEvent(QDragLeaveEvent* /*event*/) {
    m_overlay->hide();
}

void MainWindow::dropEvent(QDropEvent* event) {
    m_overlay->hide();
    const QStringList files = droppedFiles(event->mimeData());
    if (!files.isEmpty()) {
        event->acceptProposedAction();
        useDroppedFile(m_session, *m_fileActions, files.front());
    }
}

void MainWindow::resizeEvent(QResizeEvent* event) {
    QMainWindow::resizeEvent(event);
    if (m_overlay != nullptr) {
        m_overlay->setGeometry(rect());
    }
}

} // namespace app
