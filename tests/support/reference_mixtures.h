#pragma once

#include "tests/support/reference_image.h"

namespace reference {

/// MixUp and CutMix: images of a batch mixed with each other.
[[nodiscard]] Values mixedBatch(const LayerRun& run, const Values& input);
/// RandomColorJitter, RandAugment and AugMix: what other layers do, one after the other and side
/// by side.
[[nodiscard]] Values colourJitter(const Image& image, RandomSequence& random);
[[nodiscard]] Values randAugment(const Image& image, RandomSequence& random);
[[nodiscard]] Values augMix(const Image& image, RandomSequence& random);

} // namespace reference
