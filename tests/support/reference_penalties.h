#pragma once

#include "tests/support/reference_layers.h"

namespace reference {

/// What a layer adds to the loss for its output.
[[nodiscard]] double activityPenalty(const LayerRun& run, const Values& output);

} // namespace reference
