#pragma once

#include "nn/model/object_table.h"
#include "nn/train/metric.h"

#include <functional>
#include <optional>

namespace nn {

/// Arguments every metric has; the options of each derive from it.
struct MetricOptions {
    std::optional<std::string> name;
};

using MetricTable = ObjectTable<std::unique_ptr<Metric>>;

/// Adds a class to the table; the first alias of `def` is its name in the history.
template <typename Options>
void addMetric(MetricTable& table, ObjectDef def, ParamTable<Options> params,
               std::function<std::unique_ptr<Metric>(const Options&)> make) {
    params.add(static_cast<std::optional<std::string> Options::*>(&Options::name), "name",
               {.help = "What the figure is called in curves and history. None: Keras' name."});
    table.add(std::move(def), std::move(params), std::move(make));
}

/// The weight of each output, by the weights of its row or sample; 1 without weights.
class OutputWeight {
public:
    OutputWeight(const Targets& targets, std::size_t outputs)
        : m_weights(targets.weights),
          m_repeats(targets.weights.empty() ? 1 : outputs / targets.weights.size()) {}
    [[nodiscard]] double operator()(std::size_t index) const {
        return m_weights.empty() ? 1.0 : static_cast<double>(m_weights[index / m_repeats]);
    }

private:
    std::span<const float> m_weights;
    std::size_t m_repeats;
};

[[nodiscard]] inline double quotientOrZero(double above, double below) {
    return below == 0.0 ? 0.0 : above / below;
}

/// The families; each file of this folder adds one.
void addAccuracyMetrics(MetricTable& table);
void addLossMetrics(MetricTable& table);
void addConfusionMetrics(MetricTable& table);
void addAreaMetrics(MetricTable& table);
void addScoreMetrics(MetricTable& table);
void addOverlapMetrics(MetricTable& table);

} // namespace nn
