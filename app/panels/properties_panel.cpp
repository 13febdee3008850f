#include "app/panels/network_binding.h"
#include "app/panels/panels.h"

#include "widgets/params/layer_properties.h"

namespace app {

QWidget* makePropertiesPanel(Session& session, QWidget* parent) {
    using widgets::LayerProperties;
    auto* properties = new LayerProperties(parent);
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
    return properties;
}

} // namespace app
