#include "app/panels/network_binding.h"
#include "app/panels/panels.h"
#include "app/summary_text.h"

#include "widgets/summary_view.h"

namespace app {

QWidget* makeSummaryPanel(Session& session, QWidget* parent) {
    using widgets::SummaryView;
    auto* view = new SummaryView(parent);
    const auto show = [&session, view] { view->setValues(summaryValues(session.document)); };
    show();
    QObject::connect(&session.document, &Document::projectChanged, view,
                     [show](ProjectParts parts) {
                         if (parts.testFlag(ProjectPart::Graph)) {
                             show();
                         }
                     });
    view->setTextSource(
        [&session](widgets::SummaryStyle style) { return summaryTextOf(session.document, style); });
    bindSelection(session, view);
    QObject::connect(view, &SummaryView::propertiesWished, &session.requests,
                     &Requests::propertiesWished);
    return view;
}

} // namespace app
