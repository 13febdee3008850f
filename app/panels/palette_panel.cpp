#include "app/panels/panels.h"
#include "app/session.h"

#include "widgets/layer_palette.h"

namespace app {

QWidget* makePalettePanel(Session& session, QWidget* parent) {
    auto* palette = new widgets::LayerPalette(parent);
    QObject::connect(palette, &widgets::LayerPalette::addWished, &session.requests,
                     &Requests::layerWished);
    QObject::connect(palette, &widgets::LayerPalette::helpWished, &session.requests,
                     &Requests::helpWished);
    QObject::connect(&session.requests, &Requests::layerSearchWished, palette,
                     &widgets::LayerPalette::focusSearch);
    return palette;
}

} // namespace app
