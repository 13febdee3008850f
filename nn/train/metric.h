#pragma once

#include "nn/model/object_def.h"
#include "nn/train/loss.h"
#include "nn/train/progress.h"

#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace nn {

enum class Direction { Up, Down };

/// A figure that is collected over the batches of an epoch.
class Metric {
public:
    Metric() = default;
    Metric(const Metric&) = delete;
    Metric& operator=(const Metric&) = delete;
    virtual ~Metric() = default;

    /// Forgets what was added.
    virtual void reset() = 0;
    /// Takes in a batch; `outputs` are never scores. Weights of the targets count.
    virtual void add(const Outputs& outputs, const Targets& targets) = 0;
    [[nodiscard]] virtual double result() const = 0;
    /// What was added so far, for checkpoints.
    [[nodiscard]] virtual std::vector<double> state() const = 0;
    /// Goes on from a state of an equal metric; false: it is of another.
    [[nodiscard]] virtual bool restore(std::span<const double> state) = 0;
    /// Which way is better.
    [[nodiscard]] virtual Direction direction() const = 0;
};

/// The classes of Keras' metrics, and "accuracy", which stands for the one that fits.
[[nodiscard]] const ObjectFamily& metricFamily();
/// What a metric is called in the history: its argument `name`, or Keras' default.
[[nodiscard]] std::string metricName(const ParamObject& metric);
/// A metric from what a person or Keras writes: "mae" keeps that name in the history, "AUC()" and
/// "AUC(curve='PR')" have the class's own.
[[nodiscard]] Expected<ParamObject> parsedMetric(std::string_view text);

/// What a network's output is, to choose the accuracy that fits: Keras' resolution.
struct OutputKind {
    std::int64_t width = 1;
    LossFamily loss = LossFamily::Classes;
};
/// The metric of a checked object; nothing where "accuracy" makes no sense: one number that is not
/// a yes or no.
[[nodiscard]] std::unique_ptr<Metric> makeMetric(const ParamObject& metric, const OutputKind& kind);

/// The metrics of one output over an epoch.
class MetricSet {
public:
    MetricSet() = default;
    /// The objects must have been checked. Names that occur twice get _1, _2.
    MetricSet(const std::vector<ParamObject>& metrics, const OutputKind& kind);

    void reset();
    /// Takes in a batch; weights do not count, as in Keras' `metrics`.
    void add(const Outputs& outputs, const Targets& targets);
    [[nodiscard]] std::vector<NamedValue> results() const;
    [[nodiscard]] std::vector<std::pair<std::string, Direction>> directions() const;
    [[nodiscard]] bool isEmpty() const { return m_metrics.empty(); }

    [[nodiscard]] std::vector<double> state() const;
    /// Takes its part from the front of `state`; false: it is of others.
    [[nodiscard]] bool restore(std::span<const double>& state);

private:
    struct Named {
        std::string name;
        std::unique_ptr<Metric> metric;
    };
    std::vector<Named> m_metrics;
    std::vector<float> m_probabilities; ///< Of the outputs given as scores.
};

} // namespace nn
