#pragma once

#include "nn/base/error.h"
#include "nn/train/settings.h"

#include <QCommandLineOption>
#include <QCommandLineParser>
#include <vector>

namespace app::cli {

/// The options of `train` that say what is aimed at: --loss, --loss-weights, --metrics, --callback,
/// --class-weight.
[[nodiscard]] std::vector<QCommandLineOption> goalOptions();
/// Takes over those given.
[[nodiscard]] nn::Expected<void> readGoalOptions(const QCommandLineParser& parser,
                                                 nn::TrainSettings& settings);

} // namespace app::cli
