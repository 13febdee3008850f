#pragma once

#include "nn/base/error.h"
#include "nn/base/parallel.h"
#include "nn/exec/executor.h"
#include "nn/train/loss.h"
#include "nn/train/optimizer.h"
#include "nn/train/settings.h"
#include "nn/train/weight_rules.h"

#include <memory>
#include <string>
#include <vector>

namespace nn {

/// What one step measured. `loss` is the batch's own, before the update.
struct StepResult {
    double loss = 0.0;
    std::int64_t correct = 0;
    std::int64_t rows = 0;
    /// Empty when every number was finite; otherwise where the first one that was not arose. The
    /// weights are then those from before the step.
    std::string notFinite = {};
};

/// The loss a network is trained with: the one named, or for "auto" the one that fits its output
/// and the kind of targets. Fails for a network without exactly one output.
[[nodiscard]] Expected<const LossDef*> chosenLoss(const TrainSettings& settings,
                                                  const Inference& inference);

/// How an executor gives its output to this loss.
[[nodiscard]] OutputForm outputFormFor(const Network& network, const Loss& loss);
/// The output of an executor's last run as the loss takes it.
[[nodiscard]] Outputs outputsOf(const Executor& executor);

/// Forward, loss, backward and update for one network: what a step of training is, everywhere.
class TrainStep {
public:
    /// The arguments must have been checked by `checkSettings`.
    TrainStep(std::shared_ptr<const Network> network, const TrainSettings& settings,
              const LossDef& loss, Parallel& parallel);

    /// One step on one batch: inputs [batch][…] of every input layer.
    StepResult run(Weights& weights, std::span<const std::span<const float>> inputs,
                   std::int64_t batch, const Targets& targets, const StepKey& key);

    [[nodiscard]] const Executor& executor() const { return m_executor; }
    [[nodiscard]] Executor& executor() { return m_executor; }
    [[nodiscard]] const Loss& loss() const { return *m_loss; }
    [[nodiscard]] const Optimizer& optimizer() const { return *m_optimizer; }
    [[nodiscard]] Optimizer& optimizer() { return *m_optimizer; }

private:
    [[nodiscard]] std::string firstNotFinite();
    void rememberStatistics(const Weights& weights);
    void restoreStatistics(Weights& weights) const;
    [[nodiscard]] bool update(Weights& weights);

    std::shared_ptr<const Network> m_network;
    Parallel& m_parallel;
    std::unique_ptr<const Loss> m_loss;
    Executor m_executor;
    std::unique_ptr<Optimizer> m_optimizer;
    WeightRules m_rules;
    std::vector<std::span<const float>> m_gradients; ///< By variable.
    std::vector<std::pair<std::size_t, Tensor>> m_statistics; ///< Not trainable variables.
};

} // namespace nn
