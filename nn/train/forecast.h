#pragma once

#include "nn/base/error.h"
#include "nn/model/graph.h"
#include "nn/model/infer.h"
#include "nn/train/machine_memory.h"
#include "nn/train/settings.h"

#include <string>
#include <vector>

namespace nn {

/// One line of the table of what training takes.
struct MemoryNeed {
    std::string what =
        {}; ///< "weights", "gradients", "Adam's state", "activations and their gradients"
    std::int64_t bytes = 0;
    bool operator==(const MemoryNeed&) const = default;
};

/// The memory training will take, known without allocating any of it.
struct MemoryForecast {
    std::vector<MemoryNeed> needs;
    std::int64_t totalBytes = 0;
    std::int64_t batchSize = 1;
    std::string largestLayer = {}; ///< The layer with most weights.
    std::int64_t largestLayerParams = 0;
    bool operator==(const MemoryForecast&) const = default;
};

/// How a forecast stands to the machine.
enum class MemoryVerdict { Fits, Tight, TooLarge };

/// Training memory of a runnable network: weights, gradients, optimizer state, the executor's plan.
[[nodiscard]] Expected<MemoryForecast>
forecastTraining(const Graph& graph, const Inference& inference, const TrainSettings& settings);

/// Above 80 % of what the machine has left: too large; above 60 %: tight.
[[nodiscard]] MemoryVerdict memoryVerdict(const MemoryForecast& forecast,
                                          const MachineMemory& machine);

/// Refuses what is too large, with the table of what takes how much and with remedies.
[[nodiscard]] Expected<void> checkMemory(const MemoryForecast& forecast,
                                         const MachineMemory& machine);

} // namespace nn
