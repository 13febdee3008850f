#pragma once

#include "nn/base/error.h"
#include "nn/train/settings.h"

#include <QCommandLineOption>
#include <QCommandLineParser>
#include <QList>

namespace app::cli {

/// --optimizer, --learning-rate, --schedule, --optimizer-arg.
[[nodiscard]] QList<QCommandLineOption> optimizerOptions();

/// `settings` with the optimizer given on the command line; errors name the option or argument.
[[nodiscard]] nn::Expected<nn::TrainSettings> withOptimizer(nn::TrainSettings settings,
                                                            const QCommandLineParser& parser);

} // namespace app::cli
