#pragma once

#include "nn/model/layer_def.h"
#include "widgets/theme.h"

#include <QPixmap>

namespace widgets {

/// The mark of a category: its icon on a tile of its colour.
[[nodiscard]] QPixmap categoryTile(nn::Category category, int side, const Theme& theme,
                                   qreal devicePixelRatio);

} // namespace widgets
