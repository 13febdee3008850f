#pragma once

#include "widgets/theme.h"

namespace widgets {

/// Gives a label, button or text field the font of a role, for good. The theme's style sheet sets
/// it: fonts set by hand are lost when a widget is shown first and when the theme changes.
void setTextRole(QWidget* widget, TextRole role);

/// The rules of the style sheet for widgets with a role.
[[nodiscard]] QString textRoleRules(const Theme& theme);

} // namespace widgets
