#pragma once

#include "nn/base/random.h"
#include "tests/support/reference_layers.h"

#include <optional>

namespace reference {

/// What an augmentation layer makes of its input; nothing for other layers.
[[nodiscard]] std::optional<Values> augmented(const LayerRun& run, const Values& input);
/// What it makes of one image while training.
[[nodiscard]] Values augmentedImage(const LayerRun& run, const double* values,
                                    nn::RandomSequence& random);

} // namespace reference
