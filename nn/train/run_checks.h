#pragma once

#include "nn/train/output_plan.h"
#include "nn/train/trainer.h"

namespace nn {

/// A job that passed every check, with what the checks worked out.
struct CheckedJob {
    Inference inference;
    std::vector<OutputPlan> outputs = {};
    MemoryForecast forecast;
};

/// Checks settings, network, data and memory, in this order, allocating nothing large.
[[nodiscard]] Expected<CheckedJob> checkedJob(const TrainJob& job, const MachineMemory& machine);

/// Optimizer, losses, metrics, callbacks and numbers are ones that exist and lie in their ranges.
[[nodiscard]] Expected<void> checkSettings(const TrainSettings& settings);

/// The data has the shapes the network takes and no label an output has no place for.
[[nodiscard]] Expected<void> checkData(const Graph& graph, const Inference& inference,
                                       const std::vector<OutputPlan>& outputs,
                                       const TrainData& data);

} // namespace nn
