#include "nn/train/losses/target_values.h"
#include "nn/train/metrics/define_metric.h"

#include <algorithm>
#include <cmath>

namespace nn {

enum class AucCurve { Roc, PrecisionRecall };
template <>
struct ChoiceNames<AucCurve> {
    static constexpr std::array names{"ROC", "PR"};
};

enum class AucSummation { Interpolation, Minoring, Majoring };
template <>
struct ChoiceNames<AucSummation> {
    static constexpr std::array names{"interpolation", "minoring", "majoring"};
};

namespace {

struct AucOptions : MetricOptions {
    std::int64_t numThresholds = 200;
    AucCurve curve = AucCurve::Roc;
    AucSummation summationMethod = AucSummation::Interpolation;
    bool multiLabel = false;
    bool fromLogits = false;
};

/// True and false yeses at every threshold, thresholds ascending.
struct Yeses {
    std::vector<double> right;
    std::vector<double> wrong;
};

/// The area under a curve through evenly spaced thresholds, as Keras approximates it.
class AreaUnderCurve final : public Metric {
public:
    explicit AreaUnderCurve(const AucOptions& options)
        : m_options(options), m_thresholds(static_cast<std::size_t>(options.numThresholds)) {}

    void reset() override { m_labels.clear(); }
    [[nodiscard]] std::vector<double> state() const override {
        std::vector<double> state;
        for (const Yeses& label : m_labels) {
            state.insert(state.end(), label.right.begin(), label.right.end());
            state.insert(state.end(), label.wrong.begin(), label.wrong.end());
        }
        return state;
    }
    [[nodiscard]] bool restore(std::span<const double> state) override {
        if (state.size() % (2 * m_thresholds) != 0) {
            return false;
        }
        m_labels.clear();
        for (; !state.empty(); state = state.subspan(2 * m_thresholds)) {
            const auto right = state.first(m_thresholds);
            const auto wrong = state.subspan(m_thresholds, m_thresholds);
            m_labels.push_back(
                {.right = {right.begin(), right.end()}, .wrong = {wrong.begin(), wrong.end()}});
        }
        return true;
    }
    [[nodiscard]] Direction direction() const override { return Direction::Up; }

    void add(const Outputs& outputs, const Targets& targets) override {
        const auto width = static_cast<std::size_t>(outputs.width);
        m_labels.resize(m_options.multiLabel ? width : 1,
                        {std::vector<double>(m_thresholds), std::vector<double>(m_thresholds)});
        const OutputWeight weight(targets, outputs.values.size());
        withTargets(outputs, targets, [&](const auto& target) {
            for (std::size_t i = 0; i < outputs.values.size(); ++i) {
                Yeses& label = m_labels[m_options.multiLabel ? i % width : 0];
                (target(i) != 0.0 ? label.right : label.wrong)[bucket(outputs.values[i])] +=
                    weight(i);
            }
        });
    }

    [[nodiscard]] double result() const override {
        double sum = 0.0;
        for (const Yeses& label : m_labels) {
            sum += area(label);
        }
        return quotientOrZero(sum, static_cast<double>(m_labels.size()));
    }

private:
    /// The last threshold an output lies above; the first lies below 0.
    [[nodiscard]] std::size_t bucket(float value) const {
        const float p = m_options.fromLogits ? 1.0F / (1.0F + std::exp(-value)) : value;
        const float place =
            std::ceil(std::clamp(p, 0.0F, 1.0F) * static_cast<float>(m_thresholds - 1)) - 1.0F;
        return static_cast<std::size_t>(std::max(place, 0.0F));
    }

    static void accumulate(std::vector<double>& counts) {
        for (std::size_t i = counts.size() - 1; i-- > 0;) {
            counts[i] += counts[i + 1];
        }
    }

    [[nodiscard]] double area(Yeses label) const {
        accumulate(label.right);
        accumulate(label.wrong);
        if (m_options.curve == AucCurve::PrecisionRecall &&
            m_options.summationMethod == AucSummation::Interpolation) {
            return interpolatedPrecision(label);
        }
        const double positives = label.right.front();
        const double negatives = label.wrong.front();
        double sum = 0.0;
        for (std::size_t i = 0; i + 1 < m_thresholds; ++i) {
            const auto [x0, y0] = point(label, i, positives, negatives);
            const auto [x1, y1] = point(label, i + 1, positives, negatives);
            sum += (x0 - x1) * height(y0, y1);
        }
        return sum;
    }

    [[nodiscard]] std::pair<double, double> point(const Yeses& label, std::size_t i,
                                                  double positives, double negatives) const {
        const double recall = quotientOrZero(label.right[i], positives);
        switch (m_options.curve) {
        case AucCurve::Roc:
            return {quotientOrZero(label.wrong[i], negatives), recall};
        case AucCurve::PrecisionRecall:
            return {recall, quotientOrZero(label.right[i], label.right[i] + label.wrong[i])};
        }
        return {0.0, 0.0};
    }

    [[nodiscard]] double height(double a, double b) const {
        switch (m_options.summationMethod) {
        case AucSummation::Interpolation:
            return 0.5 * (a + b);
        case AucSummation::Minoring:
            return std::min(a, b);
        case AucSummation::Majoring:
            return std::max(a, b);
        }
        return 0.0;
    }

    /// Between thresholds true and false yeses are taken to grow evenly (Davis and Goadrich 2006,
    /// section 4): the area is slope · (ΔTP + intercept · log(P_a / P_b)) / positives.
    [[nodiscard]] double interpolatedPrecision(const Yeses& label) const {
        double sum = 0.0;
        for (std::size_t i = 0; i + 1 < m_thresholds; ++i) {
            const double above = label.right[i + 1] + label.wrong[i + 1];
            const double below = label.right[i] + label.wrong[i];
            const double gained = label.right[i] - label.right[i + 1];
            const double slope = quotientOrZero(gained, std::max(below - above, 0.0));
            const double intercept = label.right[i + 1] - slope * above;
            const double ratio = below > 0.0 && above > 0.0 ? below / above : 1.0;
            sum +=
                quotientOrZero(slope * (gained + intercept * std::log(ratio)), label.right.front());
        }
        return sum;
    }

    AucOptions m_options;
    std::size_t m_thresholds;
    std::vector<Yeses> m_labels; ///< By bucket, not yet accumulated.
};

} // namespace

void addAreaMetrics(MetricTable& table) {
    ParamTable<AucOptions> params;
    params.add(&AucOptions::numThresholds, "num_thresholds",
               {.min = 2,
                .max = 100'000,
                .help = "At how many thresholds from 0 to 1 the curve is measured."});
    params.add(&AucOptions::curve, "curve",
               {.help = "ROC: found against false alarms. PR: precision against recall, better "
                        "where yes is rare."});
    params.add(&AucOptions::summationMethod, "summation_method",
               {.help = "How the area between two thresholds is taken: straight lines, the lower "
                        "or the higher of the two ends."});
    params.add(&AucOptions::multiLabel, "multi_label",
               {.help = "The area of every output by itself, then their mean."});
    params.add(&AucOptions::fromLogits, "from_logits",
               {.help = "On when the outputs are scores; they then pass through a sigmoid."});
    addMetric<AucOptions>(table,
                          {.type = "AUC",
                           .aliases = {"auc"},
                           .title = "Area under the curve",
                           .help = "How well yes and no can be told apart over all thresholds: "
                                   "0.5 is guessing, 1 is perfect."},
                          std::move(params),
                          [](const AucOptions& options) -> std::unique_ptr<Metric> {
                              return std::make_unique<AreaUnderCurve>(options);
                          });
}

} // namespace nn
