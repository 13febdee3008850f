#pragma once

#include <QList>
#include <QString>
#include <Qt>

class QWidget;

namespace app {

class Session;

[[nodiscard]] QWidget* makePalettePanel(Session& session, QWidget* parent);
[[nodiscard]] QWidget* makeOutlinePanel(Session& session, QWidget* parent);
[[nodiscard]] QWidget* makePropertiesPanel(Session& session, QWidget* parent);
[[nodiscard]] QWidget* makeHelpPanel(Session& session, QWidget* parent);
[[nodiscard]] QWidget* makeSummaryPanel(Session& session, QWidget* parent);
[[nodiscard]] QWidget* makeProblemsPanel(Session& session, QWidget* parent);
[[nodiscard]] QWidget* makeCodePanel(Session& session, QWidget* parent);
[[nodiscard]] QWidget* makeLogPanel(Session& session, QWidget* parent);

/// A dock of the window.
struct PanelSpec {
    QString name; ///< Object name of the dock.
    QString title;
    Qt::DockWidgetArea area = Qt::LeftDockWidgetArea;
    QWidget* (*make)(Session&, QWidget*) = nullptr;
    /// Joins the dock before it as a tab.
    bool tabbed = false;
};

/// All docks in the order they are placed.
[[nodiscard]] QList<PanelSpec> panelSpecs();

} // namespace app
