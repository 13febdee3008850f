#include "nn/train/losses/define_loss.h"
#include "nn/train/losses/target_values.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace nn {
namespace {

bool isInside(double probability) {
    return probability >= kLossEpsilon && probability <= kLossOne;
}

double clipped(double probability) {
    return std::clamp(probability, kLossEpsilon, kLossOne);
}

/// The classes' probabilities of a row: from scores by softmax, else made to sum to 1 as Keras
/// does.
class Probabilities {
public:
    Probabilities(std::span<const float> values, bool scores) : m_values(values), m_scores(scores) {
        if (scores) {
            addExponentials();
            return;
        }
        for (const float value : values) {
            m_sum += static_cast<double>(value);
        }
    }
    [[nodiscard]] double operator[](std::size_t k) const {
        const auto value = static_cast<double>(m_values[k]);
        if (!m_scores) {
            return value / m_sum;
        }
        return k < m_exponentials.size() ? m_exponentials[k] * m_share
                                         : std::exp(value - m_normaliser);
    }
    [[nodiscard]] double logarithm(std::size_t k) const {
        return static_cast<double>(m_values[k]) - m_normaliser;
    }
    /// Of the values as they were given.
    [[nodiscard]] double sum() const { return m_sum; }

private:
    /// log(Σ exp(x)) without overflow; the exponentials of the first classes are kept.
    void addExponentials() {
        const double largest = static_cast<double>(*std::ranges::max_element(m_values));
        double sum = 0.0;
        for (std::size_t k = 0; k < m_values.size(); ++k) {
            const double exponential = std::exp(static_cast<double>(m_values[k]) - largest);
            sum += exponential;
            if (k < m_exponentials.size()) {
                m_exponentials[k] = exponential;
            }
        }
        m_share = 1.0 / sum;
        m_normaliser = largest + std::log(sum);
    }

    std::span<const float> m_values;
    bool m_scores;
    std::array<double, 32> m_exponentials; // the first m_values.size() of them
    double m_share = 0.0;
    double m_normaliser = 0.0;
    double m_sum = 0.0;
};

struct CategoricalOptions : LossOptions {
    bool fromLogits = false;
    double labelSmoothing = 0.0;
};

struct SparseOptions : LossOptions {
    bool fromLogits = false;
    std::optional<std::int64_t> ignoreClass;
};

struct FocalOptions : LossOptions {
    double alpha = 0.25;
    double gamma = 2.0;
    bool fromLogits = false;
    double labelSmoothing = 0.0;
};

/// What cross-entropy and focal cross-entropy need.
struct EntropyOptions {
    bool fromLogits = false;
    double smoothing = 0.0;
    std::optional<std::int64_t> ignoreClass = {};
};

/// Plain cross-entropy: −log p.
struct PlainTerm {
    static constexpr bool clipsLogits = false;
    static double value(double p) { return -std::log(p); }
    static double slope(double p) { return -1.0 / p; }
};

/// α(1 − p)^γ times −log p.
struct FocalTerm {
    static constexpr bool clipsLogits = true;
    double alpha = 0.25;
    double gamma = 2.0;
    [[nodiscard]] double value(double p) const {
        return -alpha * std::pow(1.0 - p, gamma) * std::log(p);
    }
    [[nodiscard]] double slope(double p) const {
        const double factor =
            gamma == 0.0 ? 0.0 : gamma * std::pow(1.0 - p, gamma - 1.0) * std::log(p);
        return alpha * (factor - std::pow(1.0 - p, gamma) / p);
    }
};

/// Σ t·f(p) of a row; the target is a class or a distribution.
template <typename Term>
class CategoricalLoss final : public UnreducedLoss {
public:
    CategoricalLoss(EntropyOptions options, Term term) : m_options(options), m_term(term) {}

    [[nodiscard]] bool takesLogits() const override { return !m_options.fromLogits; }
    [[nodiscard]] bool hasMask() const override { return m_options.ignoreClass.has_value(); }
    [[nodiscard]] bool counts(const Targets& targets, std::size_t row) const override {
        return classOf(targets, row) != m_options.ignoreClass;
    }

    void values(const Outputs& outputs, const Targets& targets,
                std::span<double> values) const override {
        for (std::size_t r = 0; r < values.size(); ++r) {
            values[r] = rowLoss(probabilities(outputs, r), outputs, targets, r);
        }
    }

    void gradient(const Outputs& outputs, const Targets& targets, std::span<const double> slopes,
                  std::span<float> gradient) const override {
        for (std::size_t r = 0; r < slopes.size(); ++r) {
            writeGradient(probabilities(outputs, r), outputs, targets, r, slopes[r], gradient);
        }
    }

    void valuesAndGradient(const Outputs& outputs, const Targets& targets,
                           std::span<const double> slopes, std::span<double> values,
                           std::span<float> gradient) const override {
        for (std::size_t r = 0; r < values.size(); ++r) {
            const Probabilities p = probabilities(outputs, r);
            values[r] = rowLoss(p, outputs, targets, r);
            writeGradient(p, outputs, targets, r, slopes[r], gradient);
        }
    }
    [[nodiscard]] bool isByRow() const override { return true; }

private:
    /// Keras keeps probabilities away from 0 and 1, but takes scores as they are.
    [[nodiscard]] bool isClipped() const { return !m_options.fromLogits || Term::clipsLogits; }

    [[nodiscard]] Probabilities probabilities(const Outputs& outputs, std::size_t r) const {
        const auto width = static_cast<std::size_t>(outputs.width);
        return {outputs.values.subspan(r * width, width), m_options.fromLogits || outputs.logits};
    }

    [[nodiscard]] double rowLoss(const Probabilities& p, const Outputs& outputs,
                                 const Targets& targets, std::size_t r) const {
        double loss = 0.0;
        forTargets(outputs, targets, r, [&](std::size_t k, double t) {
            loss += t * (isClipped() ? m_term.value(clipped(p[k])) : -p.logarithm(k));
        });
        return loss;
    }

    /// Calls back for every class whose target is not 0, smoothed: y(1 − s) + s/K.
    template <typename Body>
    void forTargets(const Outputs& outputs, const Targets& targets, std::size_t r,
                    Body body) const {
        const auto width = static_cast<std::size_t>(outputs.width);
        const bool classes = areClasses(outputs, targets);
        if (classes && m_options.ignoreClass && !counts(targets, r)) {
            return;
        }
        if (classes && m_options.smoothing == 0.0) {
            const std::int64_t label = classOf(targets, r);
            if (label >= 0 && label < outputs.width) {
                body(static_cast<std::size_t>(label), 1.0);
            }
            return;
        }
        const double s = m_options.smoothing;
        for (std::size_t k = 0; k < width; ++k) {
            const double plain =
                classes ? (classOf(targets, r) == static_cast<std::int64_t>(k) ? 1.0 : 0.0)
                        : static_cast<double>(targets.values[r * width + k]);
            const double t = plain * (1.0 - s) + s / static_cast<double>(width);
            if (t != 0.0) {
                body(k, t);
            }
        }
    }

    /// With g = ∂L/∂p, 0 where p is clipped: the gradient with respect to scores is p(g − Σgp),
    /// with respect to probabilities not yet summing to 1 it is (g − Σgp) / Σy.
    void writeGradient(const Probabilities& p, const Outputs& outputs, const Targets& targets,
                       std::size_t r, double slope, std::span<float> all) const {
        const auto width = static_cast<std::size_t>(outputs.width);
        const bool scores = m_options.fromLogits || outputs.logits;
        const std::span<float> gradient = all.subspan(r * width, width);
        const auto gp = [&](std::size_t k, double t) {
            if (!isClipped()) {
                return -t;
            }
            return isInside(p[k]) ? t * m_term.slope(p[k]) * p[k] : 0.0;
        };
        double sum = 0.0;
        forTargets(outputs, targets, r, [&](std::size_t k, double t) { sum += gp(k, t); });
        for (std::size_t k = 0; k < width; ++k) {
            gradient[k] = static_cast<float>(-sum * (scores ? p[k] : 1.0 / p.sum()) * slope);
        }
        forTargets(outputs, targets, r, [&](std::size_t k, double t) {
            const double own = gp(k, t);
            if (own != 0.0) {
                const double g = scores ? own - sum * p[k] : (own / p[k] - sum) / p.sum();
                gradient[k] = static_cast<float>(g * slope);
            }
        });
    }

    EntropyOptions m_options;
    Term m_term;
};

template <typename Term>
std::unique_ptr<const UnreducedLoss> categoricalTerms(EntropyOptions options, Term term) {
    return std::make_unique<const CategoricalLoss<Term>>(options, term);
}

const char* const kSmoothingHelp =
    "Moves this share of the target evenly to all classes, so that the network is not driven to "
    "absolute certainty. 0.1 is usual, 0 turns it off.";

LossDef sparseCategoricalCrossentropy() {
    return DefineLoss<SparseOptions>("sparse_categorical_crossentropy",
                                     "SparseCategoricalCrossentropy",
                                     "Sparse categorical cross-entropy")
        .family(LossFamily::Classes)
        .wantsLabels()
        .param(&SparseOptions::fromLogits, "from_logits", {.help = kFromLogitsHelp})
        .param(&SparseOptions::ignoreClass, "ignore_class",
               {.min = -2147483648.0,
                .max = 2147483647.0,
                .help = "A class whose pixels or images do not count, like the border of a "
                        "segmentation map (often 255 or −1). None: all count."})
        .help("For choosing one class out of several: the negative logarithm of the probability "
              "given to the right class. Targets are class numbers.")
        .terms([](const SparseOptions& options) {
            return categoricalTerms(EntropyOptions{.fromLogits = options.fromLogits,
                                                   .ignoreClass = options.ignoreClass},
                                    PlainTerm{});
        });
}

LossDef categoricalCrossentropy() {
    return DefineLoss<CategoricalOptions>("categorical_crossentropy", "CategoricalCrossentropy",
                                          "Categorical cross-entropy")
        .family(LossFamily::Classes)
        .param(&CategoricalOptions::fromLogits, "from_logits", {.help = kFromLogitsHelp})
        .param(&CategoricalOptions::labelSmoothing, "label_smoothing",
               {.min = 0.0, .max = 1.0, .step = 0.05, .help = kSmoothingHelp})
        .help("The same quantity for targets given as one row per image with a 1 at the right "
              "class (one-hot).")
        .terms([](const CategoricalOptions& options) {
            return categoricalTerms(EntropyOptions{.fromLogits = options.fromLogits,
                                                   .smoothing = options.labelSmoothing},
                                    PlainTerm{});
        });
}

LossDef categoricalFocalCrossentropy() {
    return DefineLoss<FocalOptions>("categorical_focal_crossentropy",
                                    "CategoricalFocalCrossentropy",
                                    "Categorical focal cross-entropy")
        .family(LossFamily::Classes)
        .param(&FocalOptions::alpha, "alpha",
               {.min = 0.0, .step = 0.05, .help = "Weight of all classes."})
        .param(&FocalOptions::gamma, "gamma",
               {.min = 0.0,
                .step = 0.5,
                .help = "How strongly easy examples are passed over; 0 is plain cross-entropy "
                        "times alpha."})
        .param(&FocalOptions::fromLogits, "from_logits", {.help = kFromLogitsHelp})
        .param(&FocalOptions::labelSmoothing, "label_smoothing",
               {.min = 0.0, .max = 1.0, .step = 0.05, .help = kSmoothingHelp})
        .help("Cross-entropy that counts examples the network is already sure about little, so "
              "that hard and rare classes get their share.")
        .terms([](const FocalOptions& options) {
            return categoricalTerms(EntropyOptions{.fromLogits = options.fromLogits,
                                                   .smoothing = options.labelSmoothing},
                                    FocalTerm{.alpha = options.alpha, .gamma = options.gamma});
        });
}

} // namespace

std::vector<LossDef> categoricalLosses() {
    return {sparseCategoricalCrossentropy(), categoricalCrossentropy(),
            categoricalFocalCrossentropy()};
}

} // namespace nn
