#pragma once

#include "nn/train/callback.h"
#include "nn/train/output_plan.h"

namespace nn {

/// The figures of an epoch while it runs: losses as means over the batches weighted by their size,
/// and the metrics of every output.
class EpochMeters {
public:
    EpochMeters(const std::vector<OutputPlan>& outputs, const std::vector<ParamObject>& metrics);

    void reset();
    /// The outputs of a batch; before `add`.
    void observe(std::size_t output, const Outputs& outputs, const Targets& targets);
    /// The losses of a batch: all together and, not weighted, of each output.
    void add(double loss, std::span<const double> outputLosses, std::int64_t size);

    /// By Keras' names: "loss", with several outputs "NAME_loss" and "NAME_accuracy".
    [[nodiscard]] Logs logs() const;
    /// The names `logs` has, and which way is better.
    [[nodiscard]] std::vector<TrainingRun::Column> columns() const;

    /// What was added so far, for checkpoints.
    [[nodiscard]] std::vector<double> state() const;
    /// Goes on from the state of equal meters; false: it is of others.
    [[nodiscard]] bool restore(std::span<const double> state);

private:
    struct Mean {
        double sum = 0.0;
        double count = 0.0;
        void add(double value, double weight) {
            sum += value * weight;
            count += weight;
        }
        [[nodiscard]] double value() const { return sum / count; }
    };
    struct Output {
        std::string prefix; ///< "NAME_" where there are several outputs.
        Mean loss;
        MetricSet metrics;
    };

    Mean m_loss;
    std::vector<Output> m_outputs;
};

/// The figures of an epoch as the history keeps them.
[[nodiscard]] EpochResult epochResult(const Logs& logs);

} // namespace nn
