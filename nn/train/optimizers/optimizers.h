#pragma once

#include "nn/train/optimizer.h"

namespace nn {

// One function per file of this folder; `optimizerDefs` calls them all.
[[nodiscard]] OptimizerDef sgdDef();
[[nodiscard]] OptimizerDef rmspropDef();
[[nodiscard]] OptimizerDef adamDef();
[[nodiscard]] OptimizerDef adamWDef();
[[nodiscard]] OptimizerDef adagradDef();
[[nodiscard]] OptimizerDef adadeltaDef();
[[nodiscard]] OptimizerDef adamaxDef();
[[nodiscard]] OptimizerDef nadamDef();
[[nodiscard]] OptimizerDef lionDef();
[[nodiscard]] OptimizerDef ftrlDef();
[[nodiscard]] OptimizerDef lambDef();
[[nodiscard]] OptimizerDef scheduleFreeAdamWDef();
[[nodiscard]] OptimizerDef adafactorDef();
[[nodiscard]] OptimizerDef muonDef();

} // namespace nn
