#pragma once

#include "nn/io/json.h"
#include "nn/train/settings.h"

namespace nn::io {

/// Training settings as projects and checkpoints hold them.
[[nodiscard]] Json settingsJson(const TrainSettings& settings);
[[nodiscard]] Expected<TrainSettings> settingsFromJson(const Json& json);

} // namespace nn::io
