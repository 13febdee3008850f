#pragma once

#include "widgets/theme.h"

#include <QIcon>
#include <QPixmap>
#include <QStringView>

namespace widgets {

/// A line icon of the program's family (":/icons/<name>.svg"), drawn in the theme's colours, crisp
/// at any scale; muted when disabled, accent when checked. An unknown name gives a null icon.
/// Re-ask after a change of theme.
[[nodiscard]] QIcon icon(QStringView name, const Theme& theme);
/// The same in one colour of your own (a category's, an error's).
[[nodiscard]] QIcon icon(QStringView name, const QColor& color);
/// One picture of an icon for a painter; `extent` in logical pixels.
[[nodiscard]] QPixmap iconPixmap(QStringView name, const QColor& color, int extent,
                                 qreal devicePixelRatio);
[[nodiscard]] bool hasIcon(QStringView name);
/// The program's own icon, all sizes.
[[nodiscard]] QIcon applicationIcon();

} // namespace widgets
