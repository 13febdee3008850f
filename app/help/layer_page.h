#pragma once

#include "nn/model/layer_def.h"

#include <QString>
#include <QStringList>

namespace widgets {
struct Theme;
}

namespace app {

/// Where the figure of a page is found by a view of its HTML.
inline constexpr const char* kFigureUrl = "figure:layer";

/// What a kind of layer does, its arguments and formulas, for a view of rich text. Links lead to
/// "layer:Conv2D" and to "layers:", the list of all.
[[nodiscard]] QString layerPageHtml(const nn::LayerDef& def, const widgets::Theme& theme);
/// All layers by category.
[[nodiscard]] QString layerIndexHtml(const widgets::Theme& theme);

/// The name of a page's file without its suffix: "conv2d".
[[nodiscard]] QString layerPageName(const nn::LayerDef& def);
[[nodiscard]] QString layerPageMarkdown(const nn::LayerDef& def);
[[nodiscard]] QString layerIndexMarkdown();

/// Writes the pages of all layers with their figures into a folder; says what went wrong.
[[nodiscard]] QString writeLayerPages(const QString& folder);

} // namespace app
