#pragma once

#include "nn/io/project.h"
#include "nn/model/templates.h"

namespace app {

/// A new project from a built-in network, with the data and settings it trains well with.
[[nodiscard]] nn::Project templateProject(const nn::Template& entry);

} // namespace app
