#pragma once

#include "nn/base/error.h"
#include "nn/train/settings.h"

#include <QString>

namespace app {

class Document;

/// Takes training settings into the project as one step; what is wrong with them, or nothing.
[[nodiscard]] QString commitSettings(Document& document, nn::Expected<nn::TrainSettings> next,
                                     const QString& text, const QString& mergeKey = {});

} // namespace app
