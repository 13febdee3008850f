#include "nn/train/loss.h"

#include <algorithm>
#include <cmath>

namespace nn {
namespace {

// Keras' epsilon(): probabilities are kept inside [1e-7, 1 - 1e-7] before a logarithm.
constexpr double kEpsilon = 1e-7;

std::span<const float> row(std::span<const float> values, std::int64_t index, std::int64_t width) {
    return values.subspan(static_cast<std::size_t>(index * width), static_cast<std::size_t>(width));
}

std::span<float> row(std::span<float> values, std::int64_t index, std::int64_t width) {
    return values.subspan(static_cast<std::size_t>(index * width), static_cast<std::size_t>(width));
}

double clipped(double probability) {
    return std::clamp(probability, kEpsilon, 1.0 - kEpsilon);
}

double sumOfRow(std::span<const float> values) {
    double sum = 0.0;
    for (const float value : values) {
        sum += static_cast<double>(value);
    }
    return sum;
}

/// log(Σ exp(x)) without overflow.
double logSumExp(std::span<const float> values) {
    const double largest = static_cast<double>(*std::ranges::max_element(values));
    double sum = 0.0;
    for (const float value : values) {
        sum += std::exp(static_cast<double>(value) - largest);
    }
    return largest + std::log(sum);
}

struct CategoricalOptions {
    bool fromLogits = false;
    double labelSmoothing = 0.0;
};

struct SparseOptions {
    bool fromLogits = false;
};

/// Cross-entropy −Σ t·log p of a row; the target is a class or a distribution.
class CrossEntropy final : public Loss {
public:
    CrossEntropy(CategoricalOptions options, bool sparse) : m_options(options), m_sparse(sparse) {}

    [[nodiscard]] bool takesLogits() const override { return !m_options.fromLogits; }

    [[nodiscard]] double value(const Outputs& outputs, const Targets& targets) const override {
        double sum = 0.0;
        for (std::int64_t r = 0; r < outputs.rows(); ++r) {
            sum += rowLoss(outputs, targets, r);
        }
        return sum / static_cast<double>(outputs.rows());
    }

    double valueAndGradient(const Outputs& outputs, const Targets& targets,
                            std::span<float> gradient) const override {
        for (std::int64_t r = 0; r < outputs.rows(); ++r) {
            writeGradient(outputs, targets, r, row(gradient, r, outputs.width));
        }
        return value(outputs, targets);
    }

private:
    /// Target of class `k` in row `r`, smoothed: y(1 − s) + s/K.
    [[nodiscard]] double target(const Targets& targets, std::int64_t r, std::int64_t k,
                                std::int64_t width) const {
        const double plain =
            targets.labels.empty()
                ? static_cast<double>(targets.values[static_cast<std::size_t>(r * width + k)])
                : (targets.labels[static_cast<std::size_t>(r)] == k ? 1.0 : 0.0);
        const double s = m_options.labelSmoothing;
        return plain * (1.0 - s) + s / static_cast<double>(width);
    }

    [[nodiscard]] double rowLoss(const Outputs& outputs, const Targets& targets,
                                 std::int64_t r) const {
        const std::span<const float> y = row(outputs.values, r, outputs.width);
        if (m_options.fromLogits || outputs.logits) {
            return expectation(targets, r, y, logSumExp(y), [](double logit) { return logit; });
        }
        const double sum = sumOfRow(y);
        if (m_sparse) {
            double clippedSum = 0.0;
            for (const float p : y) {
                clippedSum += clipped(static_cast<double>(p));
            }
            return expectation(targets, r, y, std::log(clippedSum),
                               [](double p) { return std::log(clipped(p)); });
        }
        return expectation(targets, r, y, 0.0,
                           [sum](double p) { return std::log(clipped(p / sum)); });
    }

    /// Σ t·(normaliser − score(y)) over the classes of a row.
    template <typename Score>
    double expectation(const Targets& targets, std::int64_t r, std::span<const float> y,
                       double normaliser, Score score) const {
        const auto width = static_cast<std::int64_t>(y.size());
        if (!targets.labels.empty() && m_options.labelSmoothing == 0.0) {
            const std::int32_t label = targets.labels[static_cast<std::size_t>(r)];
            return normaliser - score(static_cast<double>(y[static_cast<std::size_t>(label)]));
        }
        double loss = 0.0;
        for (std::int64_t k = 0; k < width; ++k) {
            const double t = target(targets, r, k, width);
            if (t != 0.0) {
                loss +=
                    t * (normaliser - score(static_cast<double>(y[static_cast<std::size_t>(k)])));
            }
        }
        return loss;
    }

    void writeGradient(const Outputs& outputs, const Targets& targets, std::int64_t r,
                       std::span<float> gradient) const {
        const std::span<const float> y = row(outputs.values, r, outputs.width);
        const double scale = 1.0 / static_cast<double>(outputs.rows());
        double targetSum = 0.0;
        for (std::int64_t k = 0; k < outputs.width; ++k) {
            targetSum += target(targets, r, k, outputs.width);
        }
        if (m_options.fromLogits || outputs.logits) {
            const double normaliser = logSumExp(y);
            for (std::size_t k = 0; k < y.size(); ++k) {
                const double p = std::exp(static_cast<double>(y[k]) - normaliser);
                const double t = target(targets, r, static_cast<std::int64_t>(k), outputs.width);
                gradient[k] = static_cast<float>((p * targetSum - t) * scale);
            }
            return;
        }
        writeProbabilityGradient(outputs, targets, r, targetSum, gradient);
    }

    /// The chain through clipping and renormalising, for outputs that are no softmax's.
    void writeProbabilityGradient(const Outputs& outputs, const Targets& targets, std::int64_t r,
                                  double targetSum, std::span<float> gradient) const {
        const std::span<const float> y = row(outputs.values, r, outputs.width);
        const double scale = 1.0 / static_cast<double>(outputs.rows());
        const auto inside = [](double p) { return p > kEpsilon && p < 1.0 - kEpsilon; };
        const double sum = sumOfRow(y);
        double clippedSum = 0.0;
        double passed = 0.0; // Σ of targets whose logarithm still depends on the outputs
        for (std::size_t k = 0; k < y.size(); ++k) {
            const auto p = static_cast<double>(y[k]);
            clippedSum += clipped(p);
            if (inside(p / sum)) {
                passed += target(targets, r, static_cast<std::int64_t>(k), outputs.width);
            }
        }
        for (std::size_t k = 0; k < y.size(); ++k) {
            const auto p = static_cast<double>(y[k]);
            const double t = target(targets, r, static_cast<std::int64_t>(k), outputs.width);
            double slope = 0.0;
            if (m_sparse) {
                slope = inside(p) ? targetSum / clippedSum - t / p : 0.0;
            } else {
                slope = passed / sum - (inside(p / sum) ? t / p : 0.0);
            }
            gradient[k] = static_cast<float>(slope * scale);
        }
    }

    CategoricalOptions m_options;
    bool m_sparse;
};

/// Mean over all outputs of (y − t)².
class MeanSquaredError final : public Loss {
public:
    [[nodiscard]] double value(const Outputs& outputs, const Targets& targets) const override {
        double sum = 0.0;
        for (std::size_t i = 0; i < outputs.values.size(); ++i) {
            const double d = difference(outputs, targets, i);
            sum += d * d;
        }
        return sum / static_cast<double>(outputs.values.size());
    }

    double valueAndGradient(const Outputs& outputs, const Targets& targets,
                            std::span<float> gradient) const override {
        const double scale = 2.0 / static_cast<double>(outputs.values.size());
        for (std::size_t i = 0; i < outputs.values.size(); ++i) {
            gradient[i] = static_cast<float>(scale * difference(outputs, targets, i));
        }
        return value(outputs, targets);
    }

private:
    static double difference(const Outputs& outputs, const Targets& targets, std::size_t i) {
        const auto y = static_cast<double>(outputs.values[i]);
        if (targets.labels.empty()) {
            return y - static_cast<double>(targets.values[i]);
        }
        const auto width = static_cast<std::size_t>(outputs.width);
        const std::int32_t label = targets.labels[i / width];
        if (width == 1) {
            return y - static_cast<double>(label); // the class number itself is the target
        }
        return y - (i % width == static_cast<std::size_t>(label) ? 1.0 : 0.0);
    }
};

const char* const kLogitsHelp =
    "On when the network ends without softmax and its outputs are raw scores (logits). Leave it "
    "off after a softmax.";

LossDef sparseCategoricalCrossEntropy() {
    auto table = std::make_shared<ParamTable<SparseOptions>>();
    table->add(&SparseOptions::fromLogits, "from_logits", {.help = kLogitsHelp});
    return {.name = "sparse_categorical_crossentropy",
            .title = "Sparse categorical cross-entropy",
            .help = "For choosing one class out of several: the negative logarithm of the "
                    "probability given to the right class. Targets are class numbers.",
            .params = table->specs(),
            .wantsLabels = true,
            .make = [table](const ParamMap& params) -> std::unique_ptr<const Loss> {
                const CategoricalOptions options{.fromLogits = table->options(params).fromLogits};
                return std::make_unique<CrossEntropy>(options, true);
            }};
}

LossDef categoricalCrossEntropy() {
    auto table = std::make_shared<ParamTable<CategoricalOptions>>();
    table->add(&CategoricalOptions::fromLogits, "from_logits", {.help = kLogitsHelp});
    table->add(&CategoricalOptions::labelSmoothing, "label_smoothing",
               {.min = 0.0,
                .max = 1.0,
                .step = 0.05,
                .help = "Moves this share of the target evenly to all classes, so that the network "
                        "is not driven to absolute certainty. 0.1 is usual, 0 turns it off."});
    return {.name = "categorical_crossentropy",
            .title = "Categorical cross-entropy",
            .help = "The same quantity for targets given as one row per image with a 1 at the "
                    "right class (one-hot).",
            .params = table->specs(),
            .wantsLabels = false,
            .make = [table](const ParamMap& params) -> std::unique_ptr<const Loss> {
                return std::make_unique<CrossEntropy>(table->options(params), false);
            }};
}

LossDef meanSquaredError() {
    return {.name = "mean_squared_error",
            .title = "Mean squared error",
            .help = "The mean of the squared differences between outputs and targets. For "
                    "regression; with classes the targets are one-hot rows.",
            .params = {},
            .wantsLabels = false,
            .make = [](const ParamMap&) -> std::unique_ptr<const Loss> {
                return std::make_unique<MeanSquaredError>();
            }};
}

} // namespace

const std::vector<LossDef>& lossDefs() {
    static const std::vector<LossDef> defs{sparseCategoricalCrossEntropy(),
                                           categoricalCrossEntropy(), meanSquaredError()};
    return defs;
}

const LossDef* findLossDef(std::string_view name) {
    const std::string_view full = name == "mse" || name == "MSE" ? "mean_squared_error" : name;
    const auto found = std::ranges::find(lossDefs(), full, &LossDef::name);
    return found == lossDefs().end() ? nullptr : &*found;
}

std::int64_t correctRows(const Outputs& outputs, const Targets& targets) {
    std::int64_t correct = 0;
    for (std::int64_t r = 0; r < outputs.rows(); ++r) {
        const std::span<const float> y = row(outputs.values, r, outputs.width);
        const auto said = std::ranges::max_element(y) - y.begin();
        std::ptrdiff_t right = 0;
        if (targets.labels.empty()) {
            const std::span<const float> t = row(targets.values, r, outputs.width);
            right = std::ranges::max_element(t) - t.begin();
        } else {
            right = targets.labels[static_cast<std::size_t>(r)];
        }
        correct += said == right ? 1 : 0;
    }
    return correct;
}

} // namespace nn
