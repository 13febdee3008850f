#include "nn/train/metrics/mean_metric.h"

#include <cmath>

namespace nn {
namespace {

/// The mean of a loss over all rows.
class LossMetric final : public MeanMetric {
public:
    enum class Form { Plain, Root, Negative };

    LossMetric(std::unique_ptr<const Loss> loss, Form form)
        : MeanMetric(form == Form::Negative ? Direction::Up : Direction::Down),
          m_loss(std::move(loss)), m_form(form) {}

    void add(const Outputs& outputs, const Targets& targets) override {
        const std::vector<double> values = m_loss->rowValues(outputs, targets);
        const OutputWeight weight(targets, values.size());
        for (std::size_t i = 0; i < values.size(); ++i) {
            if (m_loss->counts(targets, i)) {
                addValue(values[i], weight(i));
            }
        }
    }

    [[nodiscard]] double result() const override {
        const double mean = MeanMetric::result();
        switch (m_form) {
        case Form::Plain:
            return mean;
        case Form::Root:
            return std::sqrt(mean);
        case Form::Negative:
            return -mean;
        }
        return mean;
    }

private:
    std::unique_ptr<const Loss> m_loss;
    Form m_form;
};

struct LossMetricOptions : MetricOptions {
    bool fromLogits = false;
    double labelSmoothing = 0.0;
    std::optional<std::int64_t> ignoreClass;
};

/// Adds a metric that is the loss `loss`; `params` says which arguments it has.
void addLoss(MetricTable& table, ObjectDef def, std::string loss,
             ParamTable<LossMetricOptions> params = {},
             LossMetric::Form form = LossMetric::Form::Plain) {
    addMetric<LossMetricOptions>(
        table, std::move(def), std::move(params),
        [loss = std::move(loss),
         form](const LossMetricOptions& options) -> std::unique_ptr<Metric> {
            ParamMap arguments;
            if (options.fromLogits) {
                arguments["from_logits"] = true;
            }
            if (options.labelSmoothing > 0.0) {
                arguments["label_smoothing"] = options.labelSmoothing;
            }
            if (options.ignoreClass) {
                arguments["ignore_class"] = *options.ignoreClass;
            }
            return std::make_unique<LossMetric>(findLossDef(loss)->make(arguments), form);
        });
}

ParamTable<LossMetricOptions> logitsParam() {
    ParamTable<LossMetricOptions> params;
    params.add(&LossMetricOptions::fromLogits, "from_logits",
               {.help = "On when the outputs are raw scores, without softmax or sigmoid."});
    return params;
}

ParamTable<LossMetricOptions> smoothingParams() {
    ParamTable<LossMetricOptions> params = logitsParam();
    params.add(&LossMetricOptions::labelSmoothing, "label_smoothing",
               {.min = 0.0,
                .max = 1.0,
                .step = 0.05,
                .help = "Moves the targets away from 0 and 1, as in the loss of this name."});
    return params;
}

ParamTable<LossMetricOptions> ignoreParams() {
    ParamTable<LossMetricOptions> params = logitsParam();
    params.add(&LossMetricOptions::ignoreClass, "ignore_class",
               {.min = -2147483648.0,
                .max = 2147483647.0,
                .help = "A class that does not count. None: all count."});
    return params;
}

void addRegression(MetricTable& table) {
    addLoss(table,
            {.type = "MeanSquaredError",
             .aliases = {"mean_squared_error", "mse", "MSE"},
             .title = "Mean squared error",
             .help = "The mean of the squared differences between outputs and targets."},
            "mse");
    addLoss(table,
            {.type = "RootMeanSquaredError",
             .aliases = {"root_mean_squared_error"},
             .title = "Root mean squared error",
             .help = "The root of the mean squared error: in the unit of the outputs."},
            "mse", {}, LossMetric::Form::Root);
    addLoss(table,
            {.type = "MeanAbsoluteError",
             .aliases = {"mean_absolute_error", "mae", "MAE"},
             .title = "Mean absolute error",
             .help = "The mean size of the differences between outputs and targets."},
            "mae");
    addLoss(table,
            {.type = "MeanAbsolutePercentageError",
             .aliases = {"mean_absolute_percentage_error", "mape", "MAPE"},
             .title = "Mean absolute percentage error",
             .help = "The mean size of the differences in percent of the targets."},
            "mape");
    addLoss(table,
            {.type = "MeanSquaredLogarithmicError",
             .aliases = {"mean_squared_logarithmic_error", "msle", "MSLE"},
             .title = "Mean squared logarithmic error",
             .help = "The mean squared difference of the logarithms of outputs and targets."},
            "msle");
    addLoss(table,
            {.type = "LogCoshError",
             .aliases = {"logcosh", "log_cosh_error", "log_cosh"},
             .title = "Log-cosh error",
             .help = "The mean logarithm of the hyperbolic cosine of the differences."},
            "log_cosh");
    addLoss(table,
            {.type = "CosineSimilarity",
             .aliases = {"cosine_similarity"},
             .title = "Cosine similarity",
             .help = "The mean cosine of the angle between output and target: 1 is the same "
                     "direction."},
            "cosine_similarity", {}, LossMetric::Form::Negative);
}

} // namespace

void addLossMetrics(MetricTable& table) {
    addRegression(table);
    addLoss(table,
            {.type = "BinaryCrossentropy",
             .aliases = {"binary_crossentropy", "bce", "BCE"},
             .title = "Binary cross-entropy",
             .help = "The loss of this name, followed as a figure."},
            "bce", smoothingParams());
    addLoss(table,
            {.type = "CategoricalCrossentropy",
             .aliases = {"categorical_crossentropy"},
             .title = "Categorical cross-entropy",
             .help = "The loss of this name, followed as a figure."},
            "categorical_crossentropy", smoothingParams());
    addLoss(table,
            {.type = "SparseCategoricalCrossentropy",
             .aliases = {"sparse_categorical_crossentropy"},
             .title = "Sparse categorical cross-entropy",
             .help = "The loss of this name, followed as a figure."},
            "sparse_categorical_crossentropy", ignoreParams());
    addLoss(table,
            {.type = "KLDivergence",
             .aliases = {"kl_divergence", "kld"},
             .title = "Kullback–Leibler divergence",
             .help = "How far the distribution given is from the one wanted."},
            "kld");
    addLoss(table,
            {.type = "Poisson",
             .aliases = {"poisson"},
             .title = "Poisson",
             .help = "The loss of this name, followed as a figure."},
            "poisson");
    addLoss(table,
            {.type = "Hinge",
             .aliases = {"hinge"},
             .title = "Hinge",
             .help = "The loss of this name, followed as a figure."},
            "hinge");
    addLoss(table,
            {.type = "SquaredHinge",
             .aliases = {"squared_hinge"},
             .title = "Squared hinge",
             .help = "The loss of this name, followed as a figure."},
            "squared_hinge");
    addLoss(table,
            {.type = "CategoricalHinge",
             .aliases = {"categorical_hinge"},
             .title = "Categorical hinge",
             .help = "The loss of this name, followed as a figure."},
            "categorical_hinge");
}

} // namespace nn
