#pragma once

#include "nn/base/error.h"
#include "nn/base/parallel.h"
#include "nn/exec/executor.h"
#include "nn/train/loss.h"
#include "nn/train/optimizer.h"
#include "nn/train/output_plan.h"
#include "nn/train/settings.h"
#include "nn/train/weight_rules.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace nn {

/// What one step measured. `loss` is the batch's own, before the update.
struct StepResult {
    double loss = 0.0;
    std::vector<double> outputLosses = {}; ///< Of each output by itself, not weighted.
    /// Empty when every number was finite; otherwise where the first one that was not arose. The
    /// weights are then those from before the step.
    std::string notFinite = {};
};

/// The loss of the first output of a network: the one named, or for "auto" the one that fits.
[[nodiscard]] Expected<const LossDef*> chosenLoss(const TrainSettings& settings,
                                                  const Inference& inference);

/// How an executor gives its output to this loss.
[[nodiscard]] OutputForm outputFormFor(const Network& network, const Loss& loss);
/// The executor that trains a network with these settings.
[[nodiscard]] ExecutorOptions trainingOptions(const Network& network, const TrainSettings& settings,
                                              const Loss& loss, const Optimizer& optimizer);
/// An output of an executor's last run as the loss takes it.
[[nodiscard]] Outputs outputsOf(const Executor& executor, std::size_t output = 0);

/// Forward, loss, backward and update for one network: what a step of training is, everywhere.
class TrainStep {
public:
    /// The arguments must have been checked by `checkSettings`.
    TrainStep(std::shared_ptr<const Network> network, const TrainSettings& settings,
              const LossDef& loss, Parallel& parallel);
    /// The same for networks with several outputs, in the order of `Network::outputs()`.
    TrainStep(std::shared_ptr<const Network> network, const TrainSettings& settings,
              const std::vector<OutputPlan>& outputs, Parallel& parallel);

    /// Is shown every output of a batch before the weights change.
    using Observer = std::function<void(std::size_t output, const Outputs&, const Targets&)>;
    void setObserver(Observer observer) { m_observer = std::move(observer); }

    /// One step on one batch: inputs [batch][…] of every input layer, targets of every output.
    /// The result is good until the next step.
    const StepResult& run(Weights& weights, std::span<const std::span<const float>> inputs,
                          std::int64_t batch, std::span<const Targets> targets, const StepKey& key);
    const StepResult& run(Weights& weights, std::span<const std::span<const float>> inputs,
                          std::int64_t batch, const Targets& targets, const StepKey& key) {
        return run(weights, inputs, batch, std::span(&targets, 1), key);
    }

    [[nodiscard]] const Executor& executor() const { return m_executor; }
    [[nodiscard]] Executor& executor() { return m_executor; }
    [[nodiscard]] const Loss& loss() const { return *m_losses.front(); }
    [[nodiscard]] const Optimizer& optimizer() const { return *m_optimizer; }
    [[nodiscard]] Optimizer& optimizer() { return *m_optimizer; }

private:
    [[nodiscard]] std::string firstNotFinite(bool hasGradients);
    void rememberStatistics(const Weights& weights);
    void restoreStatistics(Weights& weights) const;
    [[nodiscard]] bool update(Weights& weights);

    std::shared_ptr<const Network> m_network;
    Parallel& m_parallel;
    std::vector<std::unique_ptr<const Loss>> m_losses; ///< By output.
    std::vector<double> m_lossWeights;
    LossMemory m_lossMemory;
    StepResult m_result;
    std::unique_ptr<Optimizer> m_optimizer;
    Executor m_executor;
    Observer m_observer;
    WeightRules m_rules;
    std::vector<std::span<const float>> m_gradients;          ///< By variable.
    std::vector<ProductGradient> m_products;                  ///< Of large Dense layers.
    std::vector<std::pair<std::size_t, Tensor>> m_statistics; ///< Not trainable variables.
};

} // namespace nn
