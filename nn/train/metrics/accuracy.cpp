#include "nn/train/losses/target_values.h"
#include "nn/train/metrics/mean_metric.h"

#include <algorithm>

namespace nn {
namespace {

struct BinaryOptions : MetricOptions {
    double threshold = 0.5;
};

struct TopOptions : MetricOptions {
    std::int64_t k = 5;
};

/// How many outputs lie on the right side of the threshold.
class BinaryAccuracy final : public MeanMetric {
public:
    explicit BinaryAccuracy(double threshold) : MeanMetric(Direction::Up), m_threshold(threshold) {}

    void add(const Outputs& outputs, const Targets& targets) override {
        const OutputWeight weight(targets, outputs.values.size());
        withTargets(outputs, targets, [&](const auto& target) {
            for (std::size_t i = 0; i < outputs.values.size(); ++i) {
                const double said = outputs.values[i] > static_cast<float>(m_threshold) ? 1.0 : 0.0;
                addValue(said == target(i) ? 1.0 : 0.0, weight(i));
            }
        });
    }

private:
    double m_threshold;
};

/// How many rows have the right class among their `k` largest outputs.
class TopAccuracy final : public MeanMetric {
public:
    explicit TopAccuracy(std::int64_t k) : MeanMetric(Direction::Up), m_k(k) {}

    void add(const Outputs& outputs, const Targets& targets) override {
        const auto width = static_cast<std::size_t>(outputs.width);
        const OutputWeight weight(targets, outputs.values.size());
        for (std::size_t r = 0; r < static_cast<std::size_t>(outputs.rows()); ++r) {
            const std::span<const float> y = outputs.values.subspan(r * width, width);
            addValue(isAmongTop(y, rightClass(outputs, targets, r)) ? 1.0 : 0.0, weight(r * width));
        }
    }

private:
    static std::size_t rightClass(const Outputs& outputs, const Targets& targets, std::size_t r) {
        if (areClasses(outputs, targets)) {
            return static_cast<std::size_t>(classOf(targets, r));
        }
        const auto width = static_cast<std::size_t>(outputs.width);
        const std::span<const float> t = targets.values.subspan(r * width, width);
        return static_cast<std::size_t>(std::ranges::max_element(t) - t.begin());
    }

    /// For the largest alone the first of equals counts, as in Keras' argmax.
    [[nodiscard]] bool isAmongTop(std::span<const float> y, std::size_t right) const {
        if (right >= y.size()) {
            return false;
        }
        if (m_k == 1) {
            return std::ranges::max_element(y) - y.begin() == static_cast<std::ptrdiff_t>(right);
        }
        return std::ranges::count_if(y, [&](float v) { return v > y[right]; }) < m_k;
    }

    std::int64_t m_k;
};

std::unique_ptr<Metric> largest(const MetricOptions& /*options*/) {
    return std::make_unique<TopAccuracy>(1);
}

void addTop(MetricTable& table, ObjectDef def) {
    ParamTable<TopOptions> params;
    params.add(&TopOptions::k, "k",
               {.min = 1,
                .max = 1'000'000,
                .help = "How many of the largest outputs may hold the right class."});
    addMetric<TopOptions>(table, std::move(def), std::move(params),
                          [](const TopOptions& options) -> std::unique_ptr<Metric> {
                              return std::make_unique<TopAccuracy>(options.k);
                          });
}

} // namespace

void addAccuracyMetrics(MetricTable& table) {
    addMetric<MetricOptions>(
        table,
        {.type = "accuracy",
         .aliases = {"accuracy", "acc", "Accuracy"},
         .title = "Accuracy",
         .help = "The share of right answers. As Keras does, the kind is chosen by the output: one "
                 "number is right on its side of 0.5, a row of numbers when the right class is "
                 "the largest."},
        {}, largest);
    ParamTable<BinaryOptions> params;
    params.add(&BinaryOptions::threshold, "threshold",
               {.min = 0.0, .max = 1.0, .step = 0.05, .help = "Outputs above this count as yes."});
    addMetric<BinaryOptions>(table,
                             {.type = "BinaryAccuracy",
                              .aliases = {"binary_accuracy"},
                              .title = "Binary accuracy",
                              .help = "The share of outputs on the right side of a threshold."},
                             std::move(params),
                             [](const BinaryOptions& options) -> std::unique_ptr<Metric> {
                                 return std::make_unique<BinaryAccuracy>(options.threshold);
                             });
    addMetric<MetricOptions>(table,
                             {.type = "CategoricalAccuracy",
                              .aliases = {"categorical_accuracy"},
                              .title = "Categorical accuracy",
                              .help = "How often the largest output is that of the right class; "
                                      "targets are one-hot."},
                             {}, largest);
    addMetric<MetricOptions>(table,
                             {.type = "SparseCategoricalAccuracy",
                              .aliases = {"sparse_categorical_accuracy"},
                              .title = "Sparse categorical accuracy",
                              .help = "How often the largest output is that of the right class; "
                                      "targets are numbers of classes."},
                             {}, largest);
    addTop(table, {.type = "TopKCategoricalAccuracy",
                   .aliases = {"top_k_categorical_accuracy"},
                   .title = "Top-k accuracy",
                   .help = "How often the right class is among the k largest outputs; targets are "
                           "one-hot."});
    addTop(table, {.type = "SparseTopKCategoricalAccuracy",
                   .aliases = {"sparse_top_k_categorical_accuracy"},
                   .title = "Sparse top-k accuracy",
                   .help = "How often the right class is among the k largest outputs; targets are "
                           "numbers of classes."});
}

} // namespace nn
