#pragma once

#include "nn/data/dataset.h"
#include "nn/exec/executor.h"
#include "nn/train/loss.h"
#include "nn/train/trainer.h"

#include <functional>
#include <memory>
#include <optional>

namespace nn {

/// Runs a network over data in inference mode, again and again with other weights.
class Evaluator {
public:
    /// `loss` must live as long as this object.
    Evaluator(std::shared_ptr<const Network> network, const Loss& loss, std::int64_t batchSize,
              Parallel& parallel);

    /// Mean loss and accuracy, rows weighted equally; nothing when `cancelled` said so. Loss is
    /// computed in double and summed in the order of the data.
    [[nodiscard]] std::optional<Evaluation> over(const data::Dataset& dataset,
                                                 const Weights& weights,
                                                 const std::function<bool()>& cancelled);

private:
    std::shared_ptr<const Network> m_network;
    const Loss& m_loss;
    std::int64_t m_batchSize;
    Parallel& m_parallel;
    Executor m_executor;
};

} // namespace nn
