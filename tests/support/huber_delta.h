#pragma once

#include "nn/train/loss.h"

namespace tests {

/// The `delta` with which Keras' Huber gives this loss, to three places. Keras leaves it out of
/// the file of a compiled model, so the first loss of a case has to tell it.
[[nodiscard]] double huberDelta(const nn::Outputs& outputs, const nn::Targets& targets,
                                double loss);

} // namespace tests
