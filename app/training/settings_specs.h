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

/// The loss of one of several outputs, by the name of its layer. Without one of its own it has that
/// for all.
[[nodiscard]] std::vector<nn::ParamSpec> outputLossSpecs(const nn::TrainSettings& settings,
                                                         const std::string& output);
[[nodiscard]] nn::ParamMap outputLossValues(const nn::TrainSettings& settings,
                                            const std::string& output);
[[nodiscard]] nn::Expected<nn::TrainSettings> withOutputLoss(nn::TrainSettings settings,
                                                             const std::string& output,
                                                             const std::string& name,
                                                             const nn::ParamValue& value);

/// An argument for the weight of every class, in their order: "3 Dress".
[[nodiscard]] std::vector<nn::ParamSpec> classWeightSpecs(const std::vector<std::string>& classes);

} // namespace app
