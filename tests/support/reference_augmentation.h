#pragma once

#include "tests/support/reference_layers.h"

#include <optional>

namespace reference {

/// What an augmentation layer makes of its input; nothing for other layers.
[[nodiscard]] std::optional<Values> augmented(const LayerRun& run, const Values& input);

} // namespace reference
