#include "app/panels/panels.h"

#include <QCoreApplication>

namespace app {

QList<PanelSpec> panelSpecs() {
    const auto title = [](const char* text) { return QCoreApplication::translate("Panels", text); };
    return {
        {"palette", title("Layers"), Qt::LeftDockWidgetArea, makePalettePanel},
        {"outline", title("Outline"), Qt::LeftDockWidgetArea, makeOutlinePanel},
        {"properties", title("Properties"), Qt::RightDockWidgetArea, makePropertiesPanel},
        {"help", title("Layer Help"), Qt::RightDockWidgetArea, makeHelpPanel, true},
        {"summary", title("Summary"), Qt::BottomDockWidgetArea, makeSummaryPanel},
        {"problems", title("Problems"), Qt::BottomDockWidgetArea, makeProblemsPanel, true},
        {"code", title("Keras Code"), Qt::BottomDockWidgetArea, makeCodePanel, true},
        {"log", title("Log"), Qt::BottomDockWidgetArea, makeLogPanel, true},
    };
}

} // namespace app
