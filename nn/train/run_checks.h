#pragma once

#include "nn/train/loss.h"
#include "nn/train/trainer.h"

namespace nn {

/// A job that passed every check, with what the checks worked out.
struct CheckedJob {
    Inference inference;
    const LossDef* loss = nullptr;
    MemoryForecast forecast;
};

/// Checks settings, network, data and memory, in this order, allocating nothing large.
[[nodiscard]] Expected<CheckedJob> checkedJob(const TrainJob& job, const MachineMemory& machine);

/// Optimizer, loss and numbers are ones that exist and lie in their ranges.
[[nodiscard]] Expected<void> checkSettings(const TrainSettings& settings);

/// The data has the shape the network takes and no label the output has no place for.
[[nodiscard]] Expected<void> checkData(const Graph& graph, const Inference& inference,
                                       const LossDef& loss, const data::Dataset& dataset);

} // namespace nn
