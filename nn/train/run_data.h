#pragma once

#include "nn/train/trainer.h"

namespace nn {

/// The samples a run learns from and those it checks with.
struct RunData {
    TrainData training;
    std::optional<TrainData> validation;
};

/// Those of a job, divided as its settings say.
[[nodiscard]] Expected<RunData> runDataOf(const TrainJob& job);

} // namespace nn
