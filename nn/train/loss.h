#pragma once

#include "nn/base/parallel.h"
#include "nn/model/define_params.h"
#include "nn/model/object_def.h"

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace nn {

/// What the outputs of a batch should have been. Exactly one of labels and values is filled.
struct Targets {
    std::span<const std::int32_t> labels = {}; ///< [rows] class indices.
    /// [rows][width] one-hot or regression; [rows] numbers of classes.
    std::span<const float> values = {};
    /// One for each sample or for each row; empty: every sample counts once.
    std::span<const float> weights = {};
};

/// What the network said: [rows][width]; rows = batch × positions for an image-shaped output.
struct Outputs {
    std::span<const float> values = {};
    std::int64_t width = 1;
    /// The values are the scores before a final softmax, which the loss then includes: one pass,
    /// and no rounding of probabilities in between.
    bool logits = false;
    /// The shape of one sample; empty: a row of `width`.
    std::span<const std::int64_t> extents = {};

    [[nodiscard]] std::int64_t rows() const {
        return static_cast<std::int64_t>(values.size()) / width;
    }
    /// How many samples the values are of.
    [[nodiscard]] std::int64_t samples() const;
};

/// How the losses of the rows of a batch become one number, by Keras' names.
enum class LossReduction { SumOverBatchSize, Sum, Mean, MeanWithSampleWeight };
template <>
struct ChoiceNames<LossReduction> {
    static constexpr std::array names{"sum_over_batch_size", "sum", "mean",
                                      "mean_with_sample_weight"};
};

/// A loss before it is reduced: a value for each row, or for each group of a loss over areas.
class UnreducedLoss {
public:
    UnreducedLoss() = default;
    UnreducedLoss(const UnreducedLoss&) = delete;
    UnreducedLoss& operator=(const UnreducedLoss&) = delete;
    virtual ~UnreducedLoss() = default;

    [[nodiscard]] virtual std::size_t count(const Outputs& outputs) const {
        return static_cast<std::size_t>(outputs.rows());
    }
    /// Writes `count` values.
    virtual void values(const Outputs& outputs, const Targets& targets,
                        std::span<double> values) const = 0;
    /// Writes Σ slopes[i] · ∂values[i]/∂outputs.
    virtual void gradient(const Outputs& outputs, const Targets& targets,
                          std::span<const double> slopes, std::span<float> gradient) const = 0;
    /// Both at once, where they share work.
    virtual void valuesAndGradient(const Outputs& outputs, const Targets& targets,
                                   std::span<const double> slopes, std::span<double> values,
                                   std::span<float> gradient) const {
        this->values(outputs, targets, values);
        this->gradient(outputs, targets, slopes, gradient);
    }
    /// Whether each value depends on the row of its number only, so that batches may be cut.
    [[nodiscard]] virtual bool isByRow() const { return false; }
    /// Whether it can take the scores before a softmax in place of the probabilities.
    [[nodiscard]] virtual bool takesLogits() const { return false; }
    /// Whether a value counts at all (ignore_class). Asked only when `hasMask`.
    [[nodiscard]] virtual bool counts(const Targets& /*targets*/, std::size_t /*index*/) const {
        return true;
    }
    [[nodiscard]] virtual bool hasMask() const { return false; }
};

/// What computing a loss needs, kept from batch to batch.
struct LossMemory {
    std::vector<double> values;
    std::vector<double> slopes;
    std::vector<double> scaled; ///< Slopes times a scale.
};

/// A loss with its arguments read.
class Loss {
public:
    Loss(std::unique_ptr<const UnreducedLoss> terms, LossReduction reduction)
        : m_terms(std::move(terms)), m_reduction(reduction) {}

    /// The reduced loss; writes `scale` times its gradient with respect to the values given.
    double valueAndGradient(const Outputs& outputs, const Targets& targets,
                            std::span<float> gradient, double scale = 1.0) const;
    /// The same in parallel and, after the first batch, without allocating.
    double valueAndGradient(Parallel& parallel, LossMemory& memory, const Outputs& outputs,
                            const Targets& targets, std::span<float> gradient,
                            double scale = 1.0) const;
    /// The reduced loss alone.
    [[nodiscard]] double value(const Outputs& outputs, const Targets& targets) const;
    /// Whether it can take the scores before a softmax in place of the probabilities.
    [[nodiscard]] bool takesLogits() const { return m_terms->takesLogits(); }
    /// Whether the value of a row counts (it does not for ignore_class).
    [[nodiscard]] bool counts(const Targets& targets, std::size_t row) const {
        return !m_terms->hasMask() || m_terms->counts(targets, row);
    }
    /// The loss of every row (or group), not weighted and not reduced.
    [[nodiscard]] std::vector<double> rowValues(const Outputs& outputs,
                                                const Targets& targets) const;

private:
    void writeSlopes(const Targets& targets, std::span<double> slopes) const;

    std::unique_ptr<const UnreducedLoss> m_terms;
    LossReduction m_reduction;
};

/// What the outputs mean to a loss; it decides which data fits and what accuracy is.
enum class LossFamily {
    Classes,    ///< A row of probabilities or scores, one class is right.
    Binary,     ///< Every number by itself is a yes or no.
    Regression, ///< Numbers are to be met.
    Overlap,    ///< Areas of a picture are to cover each other.
};

/// What a kind of loss is; form, checks and files come from it.
struct LossDef {
    std::string name = {};                 ///< Keras' function: "sparse_categorical_crossentropy".
    std::string className = {};            ///< Keras' class: "SparseCategoricalCrossentropy".
    std::vector<std::string> aliases = {}; ///< Further names Keras knows: "mse".
    std::string title = {};
    std::string help = {};
    std::vector<ParamSpec> params = {};
    LossFamily family = LossFamily::Regression;
    bool wantsLabels = false; ///< Takes class indices; otherwise rows of values (one-hot).
    std::function<std::unique_ptr<const Loss>(const ParamMap&)> make = {};
};

[[nodiscard]] const std::vector<LossDef>& lossDefs();
/// The definition of a name, class name or short form of Keras' ("mse"), or nullptr.
[[nodiscard]] const LossDef* findLossDef(std::string_view name);

/// The losses as classes with arguments, for what a person or Keras writes: "Huber(delta=2)".
[[nodiscard]] const ObjectFamily& lossFamily();

/// How many rows have their largest output where the target has its largest value.
[[nodiscard]] std::int64_t correctRows(const Outputs& outputs, const Targets& targets);

} // namespace nn
