#pragma once

#include "nn/model/param.h"
#include "nn/train/settings.h"

#include <string>
#include <vector>

namespace app {

/// The training settings as forms show them: run, optimizer and loss, each by `ParamSpec`s.
enum class SettingsGroup { Run, Optimizer, Loss };

[[nodiscard]] std::vector<nn::ParamSpec> settingsSpecs(SettingsGroup group,
                                                       const nn::TrainSettings& settings);
[[nodiscard]] nn::ParamMap settingsValues(SettingsGroup group, const nn::TrainSettings& settings);
/// The settings with one value changed. Another optimizer or loss keeps the arguments it shares.
[[nodiscard]] nn::Expected<nn::TrainSettings> withSetting(nn::TrainSettings settings,
                                                          SettingsGroup group,
                                                          const std::string& name,
                                                          const nn::ParamValue& value);

} // namespace app
