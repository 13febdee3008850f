#pragma once

#include "nn/exec/executor.h"
#include "nn/train/epoch_meters.h"
#include "nn/train/trainer.h"

#include <functional>
#include <memory>
#include <optional>

namespace nn {

/// Runs a network over data in inference mode, again and again with other weights.
class Evaluator {
public:
    Evaluator(std::shared_ptr<const Network> network, const std::vector<OutputPlan>& outputs,
              const TrainSettings& settings, Parallel& parallel);

    /// The epoch's figures by Keras' names, without val_; nothing when `cancelled` said so. Losses
    /// are computed in double and summed in the order of the data.
    [[nodiscard]] std::optional<Logs> over(const TrainData& data, const Weights& weights,
                                           const std::function<bool()>& cancelled);
    /// Of the last run; empty where there are no classes to confuse.
    [[nodiscard]] const Confusion& confusion() const { return m_confusion; }

private:
    void countConfusion(const Outputs& outputs, const Targets& targets);

    std::shared_ptr<const Network> m_network;
    std::vector<OutputPlan> m_plans;
    std::vector<std::unique_ptr<const Loss>> m_losses;
    std::int64_t m_batchSize;
    Parallel& m_parallel;
    Executor m_executor;
    EpochMeters m_meters;
    Confusion m_confusion;
};

} // namespace nn
