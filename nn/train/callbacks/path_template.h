#pragma once

#include "nn/train/callback.h"

namespace nn {

/// Fills a path like "model-{epoch:02d}-{val_loss:.2f}.receptive" as Python's str.format does, for
/// the fields `epoch` (from 1), `batch` and the names of the logs with the formats d, f, e and g.
[[nodiscard]] Expected<std::string> filledPath(std::string_view pattern, std::int64_t epoch,
                                               std::optional<std::int64_t> batch, const Logs& logs);

} // namespace nn
