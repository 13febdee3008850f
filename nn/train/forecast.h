#pragma once

#include "nn/base/error.h"
#include "nn/model/graph.h"
#include "nn/model/infer.h"
#include "nn/train/machine_memory.h"
#include "nn/train/settings.h"
#include "nn/train/train_data.h"

#include <optional>
#include <string>
#include <vector>

namespace nn {

/// One line of the table of what training takes.
struct MemoryNeed {
    std::string what =
        {}; ///< "weights", "gradients", "Adam's state", "activations and their gradients"
    std::int64_t bytes = 0;
    bool isHeld = false; ///< In memory before training begins.
    bool operator==(const MemoryNeed&) const = default;
};

/// The memory training will take, known without allocating any of it.
struct MemoryForecast {
    std::vector<MemoryNeed> needs;
    std::int64_t totalBytes = 0;
    std::int64_t heldBytes = 0; ///< Of these, in memory before training begins: the samples.
    std::int64_t batchSize = 1;
    std::string largestLayer = {}; ///< The layer with most weights.
    std::int64_t largestLayerParams = 0;
    bool operator==(const MemoryForecast&) const = default;
};

/// How a forecast stands to the machine.
enum class MemoryVerdict { Fits, Tight, TooLarge };

/// What a forecast has to know of the data.
struct SampleMemory {
    std::int64_t bytes = 0; ///< Of all samples, in memory already.
    bool validates = false; ///< There are samples to check with after each epoch.
};
[[nodiscard]] SampleMemory sampleMemory(const TrainData& training,
                                        const std::optional<TrainData>& validation,
                                        const TrainSettings& settings);

/// Training memory of a runnable network: weights, gradients, optimizer state, the executor's plan,
/// and the samples.
[[nodiscard]] Expected<MemoryForecast> forecastTraining(const Graph& graph,
                                                        const Inference& inference,
                                                        const TrainSettings& settings,
                                                        const SampleMemory& samples = {});

/// What is not held yet against what the machine has left: above 80 % too large, above 60 % tight.
[[nodiscard]] MemoryVerdict memoryVerdict(const MemoryForecast& forecast,
                                          const MachineMemory& machine);

/// Refuses what is too large, with the table of what takes how much and with remedies.
[[nodiscard]] Expected<void> checkMemory(const MemoryForecast& forecast,
                                         const MachineMemory& machine);

} // namespace nn
