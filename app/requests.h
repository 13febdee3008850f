#pragma once

#include "nn/model/graph.h"

#include <QObject>

namespace app {

enum class Workspace { Design, Data, Train, Inspect };

/// What one part of the window asks of another without knowing it.
class Requests : public QObject {
    Q_OBJECT

public:
    using QObject::QObject;

signals:
    /// Add a layer of this class behind the selected or last one.
    void layerWished(const QString& type);
    /// Search the palette.
    void layerSearchWished();
    /// Put the keyboard into the properties of a layer.
    void propertiesWished(nn::NodeId node);
    /// Explain a class of layers; empty: list all.
    void helpWished(const QString& type);
    /// Show a dock, by its name.
    void panelWished(const QString& name);
    /// Make a layer visible on the canvas.
    void nodeWished(nn::NodeId node);
    void workspaceWished(app::Workspace workspace);
    /// A short text for the status bar; empty clears it.
    void hint(const QString& text);
};

} // namespace app
