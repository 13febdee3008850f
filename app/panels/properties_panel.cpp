#include "app/inspection/random_preview.h"
#include "app/panels/network_binding.h"
#include "app/panels/panels.h"

#include "widgets/params/layer_properties.h"

#include <QVBoxLayout>

namespace app {

QWidget* makePropertiesPanel(Session& session, QWidget* parent) {
    using widgets::LayerProperties;
    auto* panel = new QWidget(parent);
    auto* properties = new LayerProperties(panel);
    auto* column = new QVBoxLayout(panel);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(properties, 1);
    column->addWidget(new RandomPreview(session, panel));
    bindNetwork(session, properties);
    followSelection(session, properties);
    QObject::connect(properties, &LayerProperties::wished, &session.editor, &Editor::carryOut);
    QObject::connect(properties, &LayerProperties::wishPreviewed, &session.editor,
                     &Editor::preview);
    QObject::connect(properties, &LayerProperties::previewCancelled, &session.editor,
                     &Editor::cancelPreview);
    QObject::connect(properties, &LayerProperties::helpWished, &session.requests,
                     &Requests::helpWished);
    QObject::connect(&session.requests, &Requests::propertiesWished, properties,
                     [properties](nn::NodeId) { properties->focusFirstField(); });
    return panel;
}

} // namespace app
