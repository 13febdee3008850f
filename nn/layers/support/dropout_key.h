#pragma once

#include "nn/exec/kernel.h"
#include "nn/kernels/elementwise.h"

#include <optional>

namespace nn {

/// Where a dropout layer draws its decisions from in one training step. `layerSeed`, when given,
/// takes the place of the run's seed.
[[nodiscard]] DropoutKey dropoutKey(const StepKey& key, std::optional<std::int64_t> layerSeed);

} // namespace nn
