#pragma once

#include "app/actions.h"
#include "app/file_actions.h"
#include "app/pages/pages.h"
#include "app/project_files.h"
#include "app/session.h"

#include <QMainWindow>
#include <map>

class QDockWidget;
class QMenu;
class QStackedWidget;

namespace app {

class DropOverlay;

/// The one window: menus, tool bar, docks and the page of each workspace. Arranges; decides
/// nothing.
class MainWindow : public QMainWindow {
    Q_OBJECT

public:
    explicit MainWindow(Session& session, QWidget* parent = nullptr);
    ~MainWindow() override;

    void showWorkspace(Workspace workspace);
    [[nodiscard]] Workspace workspace() const { return m_workspace; }
    /// The page of a workspace; made when it is first asked for.
    [[nodiscard]] QWidget* page(Workspace workspace);
    [[nodiscard]] Actions& actions() { return m_actions; }
    [[nodiscard]] FileActions& fileActions() { return *m_fileActions; }

protected:
    void closeEvent(QCloseEvent* event) override;
    void changeEvent(QEvent* event) override;
    void dragEnterEvent(QDragEnterEvent* event) override;
    void dragLeaveEvent(QDragLeaveEvent* event) override;
    void dropEvent(QDropEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    void makeCentre();
    void makeMenus();
    void makeToolBar();
    void makeDocks();
    void bindActions();
    void bindSession();
    void fillRecentMenu();
    void showPanel(const QString& name);
    void showPage(QWidget* shown);
    void arrangeDocks(const PageSpec& spec);
    void restoreLayout(const PageSpec& spec);
    void storeLayout();
    void resetLayout();
    void showTitle();

    Session& m_session;
    Actions m_actions;
    ProjectFiles m_files;
    FileActions* m_fileActions = nullptr;
    QStackedWidget* m_stack = nullptr;
    QMenu* m_recent = nullptr;
    QMenu* m_panels = nullptr;
    DropOverlay* m_overlay = nullptr;
    Workspace m_workspace = Workspace::Design;
    QList<PageSpec> m_specs;
    std::map<Workspace, QWidget*> m_pages;
    std::map<QString, QDockWidget*> m_docks;
    bool m_mayClose = false;
    bool m_isArranged = false; ///< A workspace was shown already.
};

} // namespace app
