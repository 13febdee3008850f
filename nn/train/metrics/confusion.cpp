#include "nn/train/losses/target_values.h"
#include "nn/train/metrics/define_metric.h"

#include <algorithm>

namespace nn {
namespace {

struct ConfusionOptions : MetricOptions {
    std::optional<double> thresholds;
    std::optional<std::int64_t> topK;
    std::optional<std::int64_t> classId;
};

enum class Figure {
    TruePositives,
    FalsePositives,
    TrueNegatives,
    FalseNegatives,
    Precision,
    Recall,
};

/// Outputs above a threshold, or among the largest of their row, count as yes.
class Confusion final : public Metric {
public:
    Confusion(Figure figure, const ConfusionOptions& options)
        : m_figure(figure), m_options(options) {}

    void reset() override { m_counts = {}; }
    [[nodiscard]] std::vector<double> state() const override {
        return {m_counts.truePositives, m_counts.falsePositives, m_counts.trueNegatives,
                m_counts.falseNegatives};
    }
    [[nodiscard]] bool restore(std::span<const double> state) override {
        if (state.size() != 4) {
            return false;
        }
        m_counts.truePositives = state[0];
        m_counts.falsePositives = state[1];
        m_counts.trueNegatives = state[2];
        m_counts.falseNegatives = state[3];
        return true;
    }

    void add(const Outputs& outputs, const Targets& targets) override {
        const auto width = static_cast<std::size_t>(outputs.width);
        const OutputWeight weight(targets, outputs.values.size());
        withTargets(outputs, targets, [&](const auto& target) {
            for (std::size_t i = 0; i < outputs.values.size(); ++i) {
                if (m_options.classId &&
                    *m_options.classId != static_cast<std::int64_t>(i % width)) {
                    continue;
                }
                const std::span<const float> row = outputs.values.subspan(i / width * width, width);
                count(target(i) != 0.0, isYes(row, i % width), weight(i));
            }
        });
    }

    [[nodiscard]] double result() const override {
        switch (m_figure) {
        case Figure::TruePositives:
            return m_counts.truePositives;
        case Figure::FalsePositives:
            return m_counts.falsePositives;
        case Figure::TrueNegatives:
            return m_counts.trueNegatives;
        case Figure::FalseNegatives:
            return m_counts.falseNegatives;
        case Figure::Precision:
            return quotientOrZero(m_counts.truePositives,
                                  m_counts.truePositives + m_counts.falsePositives);
        case Figure::Recall:
            return quotientOrZero(m_counts.truePositives,
                                  m_counts.truePositives + m_counts.falseNegatives);
        }
        return 0.0;
    }

    [[nodiscard]] Direction direction() const override {
        return m_figure == Figure::FalsePositives || m_figure == Figure::FalseNegatives
                   ? Direction::Down
                   : Direction::Up;
    }

private:
    struct Counts {
        double truePositives = 0.0;
        double falsePositives = 0.0;
        double trueNegatives = 0.0;
        double falseNegatives = 0.0;
    };

    /// With top_k and no threshold every one of the k largest is a yes; of equals the first.
    [[nodiscard]] bool isYes(std::span<const float> row, std::size_t k) const {
        if (m_options.topK) {
            std::int64_t before = 0;
            for (std::size_t j = 0; j < row.size(); ++j) {
                before += row[j] > row[k] || (row[j] == row[k] && j < k) ? 1 : 0;
            }
            if (before >= *m_options.topK) {
                return false;
            }
            return !m_options.thresholds || row[k] > static_cast<float>(*m_options.thresholds);
        }
        return row[k] > static_cast<float>(m_options.thresholds.value_or(0.5));
    }

    void count(bool truth, bool said, double weight) {
        double& cell = truth ? (said ? m_counts.truePositives : m_counts.falseNegatives)
                             : (said ? m_counts.falsePositives : m_counts.trueNegatives);
        cell += weight;
    }

    Figure m_figure;
    ConfusionOptions m_options;
    Counts m_counts;
};

enum class Arguments { Threshold, All };

void addFigure(MetricTable& table, ObjectDef def, Figure figure, Arguments arguments) {
    ParamTable<ConfusionOptions> params;
    params.add(&ConfusionOptions::thresholds, "thresholds",
               {.min = 0.0,
                .max = 1.0,
                .step = 0.05,
                .help = "Outputs above this count as yes. None: 0.5, or all of the top k."});
    if (arguments == Arguments::All) {
        params.add(&ConfusionOptions::topK, "top_k",
                   {.min = 1,
                    .max = 1'000'000,
                    .help = "Only the largest outputs of a row can be a yes. None: all can."});
        params.add(&ConfusionOptions::classId, "class_id",
                   {.min = 0,
                    .max = 1'000'000,
                    .help = "Looks at this class alone. None: all classes together."});
    }
    addMetric<ConfusionOptions>(
        table, std::move(def), std::move(params),
        [figure](const ConfusionOptions& options) -> std::unique_ptr<Metric> {
            return std::make_unique<Confusion>(figure, options);
        });
}

} // namespace

void addConfusionMetrics(MetricTable& table) {
    addFigure(table,
              {.type = "Precision",
               .aliases = {"precision"},
               .title = "Precision",
               .help = "Of all that was called a yes, the share that is one."},
              Figure::Precision, Arguments::All);
    addFigure(table,
              {.type = "Recall",
               .aliases = {"recall"},
               .title = "Recall",
               .help = "Of all that is a yes, the share that was found."},
              Figure::Recall, Arguments::All);
    addFigure(table,
              {.type = "TruePositives",
               .aliases = {"true_positives"},
               .title = "True positives",
               .help = "How many were called a yes and are one."},
              Figure::TruePositives, Arguments::Threshold);
    addFigure(table,
              {.type = "FalsePositives",
               .aliases = {"false_positives"},
               .title = "False positives",
               .help = "How many were called a yes and are none."},
              Figure::FalsePositives, Arguments::Threshold);
    addFigure(table,
              {.type = "TrueNegatives",
               .aliases = {"true_negatives"},
               .title = "True negatives",
               .help = "How many were called a no and are none."},
              Figure::TrueNegatives, Arguments::Threshold);
    addFigure(table,
              {.type = "FalseNegatives",
               .aliases = {"false_negatives"},
               .title = "False negatives",
               .help = "How many were called a no and are a yes."},
              Figure::FalseNegatives, Arguments::Threshold);
}

} // namespace nn
