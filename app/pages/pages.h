#pragma once

#include "app/actions.h"
#include "app/requests.h"

#include <QList>
#include <QStringList>

class QWidget;

namespace app {

class Session;

[[nodiscard]] QWidget* makeDesignPage(Session& session, Actions& actions, QWidget* parent);
[[nodiscard]] QWidget* makeDataPage(Session& session, Actions& actions, QWidget* parent);
[[nodiscard]] QWidget* makeTrainPage(Session& session, Actions& actions, QWidget* parent);
[[nodiscard]] QWidget* makeInspectPage(Session& session, Actions& actions, QWidget* parent);

/// A workspace: what stands in the middle of the window and which docks are around it at first.
struct PageSpec {
    Workspace workspace = Workspace::Design;
    QString name; ///< Object name of the page and key of its layout.
    ActionId action = ActionId::Design;
    QWidget* (*make)(Session&, Actions&, QWidget*) = nullptr;
    QStringList docks;
};

/// All workspaces in the order of their keys.
[[nodiscard]] QList<PageSpec> pageSpecs();

} // namespace app
