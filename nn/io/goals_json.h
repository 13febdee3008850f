#pragma once

#include "nn/io/json.h"
#include "nn/train/settings.h"

namespace nn::io {

/// Adds metrics, callbacks, class weights and losses of single outputs to the JSON of training
/// settings, where they differ from the defaults.
void addGoals(Json& training, const TrainSettings& settings);
/// Reads them; what is missing has its default.
[[nodiscard]] Expected<void> readGoals(const Json& training, TrainSettings& settings);

} // namespace nn::io
