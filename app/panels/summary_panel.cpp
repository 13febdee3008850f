#include "app/panels/network_binding.h"
#include "app/panels/panels.h"

#include "widgets/summary_view.h"

namespace app {

QWidget* makeSummaryPanel(Session& session, QWidget* parent) {
    using widgets::SummaryView;
    auto* view = new SummaryView(parent);
    bindNetwork(session, view);
    bindSelection(session, view);
    QObject::connect(view, &SummaryView::propertiesWished, &session.requests,
                     &Requests::propertiesWished);
    return view;
}

} // namespace app
