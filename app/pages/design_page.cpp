#include "app/pages/pages.h"
#include "app/panels/network_binding.h"

#include "widgets/canvas/canvas_view.h"

#include <QAction>

namespace app {

namespace {

using widgets::CanvasView;

void bindActions(Actions& actions, CanvasView* canvas) {
    const auto on = [&actions, canvas](ActionId id, auto method) {
        QObject::connect(actions.at(id), &QAction::triggered, canvas,
                         [canvas, method] { (canvas->*method)(); });
    };
    on(ActionId::Cut, &CanvasView::cutSelection);
    on(ActionId::Copy, &CanvasView::copySelection);
    on(ActionId::Paste, &CanvasView::paste);
    on(ActionId::Duplicate, &CanvasView::duplicateSelection);
    on(ActionId::Delete, &CanvasView::removeSelection);
    on(ActionId::SelectAll, &CanvasView::selectAll);
    on(ActionId::Connect, &CanvasView::beginConnect);
    on(ActionId::Arrange, &CanvasView::arrange);
    on(ActionId::ZoomIn, &CanvasView::zoomIn);
    on(ActionId::ZoomOut, &CanvasView::zoomOut);
    on(ActionId::ZoomFit, &CanvasView::fit);
    QObject::connect(actions.at(ActionId::ZoomActual), &QAction::triggered, canvas,
                     [canvas] { canvas->zoomTo(1.0); });
}

/// Positions change without the graph, too.
void bindDrawing(Session& session, CanvasView* canvas) {
    const auto show = [&session, canvas] {
        canvas->setNetwork(session.editor.network(), session.editor.positions());
    };
    show();
    QObject::connect(
        &session.document, &Document::projectChanged, canvas, [show](ProjectParts parts) {
            if (parts.testFlag(ProjectPart::Graph) || parts.testFlag(ProjectPart::Positions)) {
                show();
            }
        });
    QObject::connect(&session.document, &Document::opened, canvas, &CanvasView::fit);
}

void bindStrips(Session& session, CanvasView* canvas) {
    QObject::connect(&session.inspection, &InspectionController::inspected, canvas,
                     [canvas](const Inspection& seen) {
                         if (!canvas->isVisible()) {
                             return;
                         }
                         if (seen.strips.isEmpty()) {
                             canvas->clearStrips();
                         }
                         for (auto it = seen.strips.begin(); it != seen.strips.end(); ++it) {
                             canvas->setStrip(it.key(), it.value());
                         }
                     });
    session.inspection.addStripViewer(canvas, CanvasView::stripCount());
}

} // namespace

QWidget* makeDesignPage(Session& session, Actions& actions, QWidget* parent) {
    auto* canvas = new CanvasView(parent);
    bindDrawing(session, canvas);
    bindSelection(session, canvas);
    bindActions(actions, canvas);
    bindStrips(session, canvas);
    QObject::connect(canvas, &CanvasView::wished, &session.editor, &Editor::carryOut);
    QObject::connect(canvas, &CanvasView::helpWished, &session.requests, &Requests::helpWished);
    QObject::connect(canvas, &CanvasView::propertiesWished, &session.requests,
                     &Requests::propertiesWished);
    QObject::connect(canvas, &CanvasView::hintChanged, &session.requests, &Requests::hint);
    QObject::connect(&session.requests, &Requests::layerWished, canvas, &CanvasView::addLayer);
    QObject::connect(&session.requests, &Requests::nodeWished, canvas, &CanvasView::showNode);
    return canvas;
}

} // namespace app
