#pragma once

#include "tests/support/reference_spatial.h"

namespace reference {

/// Convolutions of all kinds over images and sequences, by class name.
[[nodiscard]] const std::map<std::string, LayerReference>& convolutionLayers();

} // namespace reference
