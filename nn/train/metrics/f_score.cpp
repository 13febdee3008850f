#include "nn/train/losses/target_values.h"
#include "nn/train/metrics/define_metric.h"

#include <algorithm>
#include <cmath>

namespace nn {

enum class ScoreAverage { Micro, Macro, Weighted };
template <>
struct ChoiceNames<ScoreAverage> {
    static constexpr std::array names{"micro", "macro", "weighted"};
};

namespace {

struct ScoreOptions : MetricOptions {
    std::optional<ScoreAverage> average;
    double beta = 1.0;
    std::optional<double> threshold;
};

/// The weighted harmonic mean of precision and recall of each class.
class FScore final : public Metric {
public:
    explicit FScore(const ScoreOptions& options) : m_options(options) {}

    void reset() override { m_classes.clear(); }
    [[nodiscard]] std::vector<double> state() const override {
        std::vector<double> state;
        for (const Counts& each : m_classes) {
            state.insert(state.end(), {each.found, each.wrong, each.missed, each.support});
        }
        return state;
    }
    [[nodiscard]] bool restore(std::span<const double> state) override {
        if (state.size() % 4 != 0) {
            return false;
        }
        m_classes.clear();
        for (; !state.empty(); state = state.subspan(4)) {
            m_classes.push_back({state[0], state[1], state[2], state[3]});
        }
        return true;
    }
    [[nodiscard]] Direction direction() const override { return Direction::Up; }

    void add(const Outputs& outputs, const Targets& targets) override {
        const auto width = static_cast<std::size_t>(outputs.width);
        m_classes.resize(width);
        const OutputWeight weight(targets, outputs.values.size());
        withTargets(outputs, targets, [&](const auto& target) {
            for (std::size_t i = 0; i < outputs.values.size(); ++i) {
                const std::span<const float> row = outputs.values.subspan(i / width * width, width);
                const double said = isYes(row, i % width) ? 1.0 : 0.0;
                Counts& counts = m_classes[i % width];
                counts.found += said * target(i) * weight(i);
                counts.wrong += said * (1.0 - target(i)) * weight(i);
                counts.missed += (1.0 - said) * target(i) * weight(i);
                counts.support += target(i) * weight(i);
            }
        });
    }

    [[nodiscard]] double result() const override {
        if (m_classes.empty()) {
            return 0.0;
        }
        Counts all;
        double mean = 0.0;
        double weighted = 0.0;
        for (const Counts& counts : m_classes) {
            all.found += counts.found;
            all.wrong += counts.wrong;
            all.missed += counts.missed;
            all.support += counts.support;
            mean += score(counts) / static_cast<double>(m_classes.size());
            weighted += score(counts) * counts.support;
        }
        if (m_options.average == ScoreAverage::Micro) {
            return score(all);
        }
        return m_options.average == ScoreAverage::Weighted ? weighted / (all.support + kLossEpsilon)
                                                           : mean;
    }

private:
    struct Counts {
        double found = 0.0;
        double wrong = 0.0;
        double missed = 0.0;
        double support = 0.0;
    };

    /// Without a threshold the largest of a row, but never a 0.
    [[nodiscard]] bool isYes(std::span<const float> row, std::size_t k) const {
        if (m_options.threshold) {
            return row[k] > static_cast<float>(*m_options.threshold);
        }
        return row[k] >= *std::ranges::max_element(row) && std::abs(row[k]) > 1e-9F;
    }

    [[nodiscard]] double score(const Counts& counts) const {
        const double squared = m_options.beta * m_options.beta;
        const double precision = counts.found / (counts.found + counts.wrong + kLossEpsilon);
        const double recall = counts.found / (counts.found + counts.missed + kLossEpsilon);
        return (1.0 + squared) * precision * recall / (squared * precision + recall + kLossEpsilon);
    }

    ScoreOptions m_options;
    std::vector<Counts> m_classes;
};

void addScore(MetricTable& table, ObjectDef def, bool withBeta) {
    ParamTable<ScoreOptions> params;
    params.add(&ScoreOptions::average, "average",
               {.help = "How the classes' scores become one figure: micro counts all answers "
                        "together, macro takes the mean of the classes, weighted the mean by "
                        "their frequency. None: every class by itself, their mean is shown."});
    if (withBeta) {
        params.add(&ScoreOptions::beta, "beta",
                   {.min = 0.0,
                    .minExclusive = true,
                    .step = 0.5,
                    .help = "How many times as important recall is as precision."});
    }
    params.add(&ScoreOptions::threshold, "threshold",
               {.min = 0.0,
                .max = 1.0,
                .minExclusive = true,
                .step = 0.05,
                .help = "Outputs above this count as yes. None: the largest of each row does."});
    addMetric<ScoreOptions>(table, std::move(def), std::move(params),
                            [](const ScoreOptions& options) -> std::unique_ptr<Metric> {
                                return std::make_unique<FScore>(options);
                            });
}

} // namespace

void addScoreMetrics(MetricTable& table) {
    addScore(table,
             {.type = "F1Score",
              .aliases = {"f1_score", "f1"},
              .title = "F1 score",
              .help = "The harmonic mean of precision and recall, for every class and on average."},
             false);
    addScore(table,
             {.type = "FBetaScore",
              .aliases = {"fbeta_score", "f_beta_score"},
              .title = "F-beta score",
              .help = "The harmonic mean of precision and recall with recall counted beta times."},
             true);
}

} // namespace nn
