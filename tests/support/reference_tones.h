#pragma once

#include "tests/support/reference_image.h"

#include <map>
#include <string>

namespace reference {

/// Layers that change hue, saturation, sharpness and the like, by class name.
[[nodiscard]] std::map<std::string, ImageFunction> colourFunctions();
/// Layers that change how frequent values are.
[[nodiscard]] std::map<std::string, ImageFunction> toneFunctions();

} // namespace reference
