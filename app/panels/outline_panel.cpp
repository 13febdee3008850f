#include "app/panels/network_binding.h"
#include "app/panels/panels.h"

#include "widgets/outline.h"

namespace app {

QWidget* makeOutlinePanel(Session& session, QWidget* parent) {
    auto* outline = new widgets::Outline(parent);
    bindNetwork(session, outline);
    bindSelection(session, outline);
    QObject::connect(outline, &widgets::Outline::wished, &session.editor, &Editor::carryOut);
    QObject::connect(outline, &widgets::Outline::propertiesWished, &session.requests,
                     &Requests::propertiesWished);
    return outline;
}

} // namespace app
