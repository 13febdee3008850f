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

bool isInside(double probability) {
    return probability > kEpsilon && probability < 1.0 - kEpsilon;
}

double clipped(double probability) {
    return std::clamp(probability, kEpsilon, 1.0 - kEpsilon);
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

/// The classes' probabilities of a row: from scores by softmax, else made to sum to 1 as Keras
/// does.
class Probabilities {
public:
    Probabilities(std::span<const float> values, bool scores) : m_values(values), m_scores(scores) {
        if (scores) {
            m_normaliser = logSumExp(values);
            return;
        }
        for (const float value : values) {
            m_sum += static_cast<double>(value);
        }
    }
    [[nodiscard]] double operator[](std::size_t k) const {
        const auto value = static_cast<double>(m_values[k]);
        return m_scores ? std::exp(value - m_normaliser) : value / m_sum;
    }
    /// Of the values as they were given.
    [[nodiscard]] double sum() const { return m_sum; }

private:
    std::span<const float> m_values;
    bool m_scores;
    double m_normaliser = 0.0;
    double m_sum = 0.0;
};

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
    explicit CrossEntropy(CategoricalOptions options) : m_options(options) {}

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
        double loss = 0.0;
        if (m_options.fromLogits) {
            const double normaliser = logSumExp(y);
            forTargets(targets, r, y.size(), [&](std::size_t k, double t) {
                loss += t * (normaliser - static_cast<double>(y[k]));
            });
            return loss;
        }
        const Probabilities p(y, outputs.logits);
        forTargets(targets, r, y.size(),
                   [&](std::size_t k, double t) { loss -= t * std::log(clipped(p[k])); });
        return loss;
    }

    /// Calls back for every class whose target is not 0.
    template <typename Body>
    void forTargets(const Targets& targets, std::int64_t r, std::size_t classes, Body body) const {
        if (!targets.labels.empty() && m_options.labelSmoothing == 0.0) {
            body(static_cast<std::size_t>(targets.labels[static_cast<std::size_t>(r)]), 1.0);
            return;
        }
        const auto width = static_cast<std::int64_t>(classes);
        for (std::int64_t k = 0; k < width; ++k) {
            const double t = target(targets, r, k, width);
            if (t != 0.0) {
                body(static_cast<std::size_t>(k), t);
            }
        }
    }

    /// With g = ∂L/∂p, which is −t/p where p is not clipped and 0 where it is: the gradient with
    /// respect to scores is p(g − Σgp), with respect to probabilities not yet summing to 1 it is
    /// (g − Σgp) / Σy.
    void writeGradient(const Outputs& outputs, const Targets& targets, std::int64_t r,
                       std::span<float> gradient) const {
        const std::span<const float> y = row(outputs.values, r, outputs.width);
        const double scale = 1.0 / static_cast<double>(outputs.rows());
        const bool scores = m_options.fromLogits || outputs.logits;
        const Probabilities p(y, scores);
        const auto counts = [&](std::size_t k) { return m_options.fromLogits || isInside(p[k]); };
        double passed = 0.0;
        forTargets(targets, r, y.size(),
                   [&](std::size_t k, double t) { passed += counts(k) ? t : 0.0; });
        for (std::size_t k = 0; k < y.size(); ++k) {
            const double slope = scores ? passed * p[k] : passed / p.sum();
            gradient[k] = static_cast<float>(slope * scale);
        }
        forTargets(targets, r, y.size(), [&](std::size_t k, double t) {
            const double own = counts(k) ? (scores ? t : t / static_cast<double>(y[k])) : 0.0;
            const double slope = scores ? passed * p[k] : passed / p.sum();
            gradient[k] = static_cast<float>((slope - own) * scale);
        });
    }

    CategoricalOptions m_options;
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
                return std::make_unique<CrossEntropy>(options);
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
                return std::make_unique<CrossEntropy>(table->options(params));
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
