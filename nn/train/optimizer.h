#pragma once

#include "nn/base/parallel.h"
#include "nn/exec/weights.h"
#include "nn/kernels/gradient_product.h"
#include "nn/kernels/optimizer.h"
#include "nn/model/param.h"
#include "nn/train/schedule.h"

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace nn {

/// Arguments every optimizer of Keras has.
struct OptimizerOptions {
    RealOrObject learningRate = 0.001; ///< Or one of `scheduleFamily`.
    std::optional<double> weightDecay = {};
    std::optional<double> clipnorm = {};
    std::optional<double> clipvalue = {};
    std::optional<double> globalClipnorm = {};
    bool useEma = false;
    double emaMomentum = 0.99;
    std::optional<std::int64_t> emaOverwriteFrequency = {};
    std::optional<double> lossScaleFactor = {}; ///< Changes nothing in float32; kept for Keras.
    std::optional<std::int64_t> gradientAccumulationSteps = {};
    std::optional<std::string> excludeFromWeightDecay =
        {}; ///< Parts of names, separated by commas.
};

/// One tensor of state that an optimizer keeps for a variable: Keras' slot.
struct SlotSpec {
    std::string name = {}; ///< Keras' name: "momentum".
    Shape shape = {};
    float initial = 0.0F;
    /// Keras lists the slots of a group variable by variable, then the next group.
    int group = 0;
    bool operator==(const SlotSpec&) const = default;
};

/// A slot with its numbers.
struct SlotValue {
    NodeId node = kNoNode;
    std::string variable = {}; ///< "kernel"
    std::string slot = {};     ///< "momentum"
    Tensor values = {};
    bool operator==(const SlotValue&) const = default;
};

/// What an optimizer remembers between two steps, by name. A value: saved with checkpoints.
struct OptimizerState {
    std::string optimizer = {}; ///< Class name.
    std::int64_t iterations = 0;
    double learningRate = 0.0; ///< As callbacks left it; unused with a schedule.
    std::vector<std::pair<std::string, double>> scalars = {};
    std::vector<SlotValue> values = {}; ///< In Keras' order of optimizer variables.
    bool operator==(const OptimizerState&) const = default;
};

/// The gradient of one variable that is not stored: made piece by piece while it is applied.
struct ProductGradient {
    std::size_t variable = 0;
    GradientProduct product;
};

/// The state of a variable, or of a part of it, by slot.
using OptimizerSlots = std::span<const std::span<float>>;

/// Applies gradients to weights as Keras' `Optimizer.apply`: clip, decoupled decay, update, moving
/// average. Holds the state of one run.
class Optimizer {
public:
    Optimizer(const Optimizer&) = delete;
    Optimizer& operator=(const Optimizer&) = delete;
    virtual ~Optimizer() = default;

    /// Makes room for the state of these variables; called once. Frozen ones get none.
    void build(std::span<const Variable> variables);

    /// One step. `gradients` are by variable, empty for those that stay and those with a product.
    /// False, and no weight changed, when a gradient is not finite or could carry a weight out of
    /// range. `products` only if it `takesProducts`; the result has the same bits.
    [[nodiscard]] bool apply(Parallel& parallel, std::span<const std::span<const float>> gradients,
                             Weights& weights, std::span<const ProductGradient> products = {});
    /// Whether gradients may come in pieces: nothing needs a whole one, as clipping by norm does.
    [[nodiscard]] bool takesProducts() const;
    /// At the end of training: the weights that are to be used, where they are not those trained
    /// with (their moving averages).
    virtual void finish(Parallel& parallel, Weights& weights) const;
    [[nodiscard]] virtual bool finishChangesWeights() const { return m_options.useEma; }
    /// The moving averages of a variable; empty without them.
    [[nodiscard]] std::span<const float> average(std::size_t variable) const;

    /// Calls of `apply`, those that only accumulated included.
    [[nodiscard]] std::int64_t iterations() const { return m_iterations; }
    /// The rate of the next step.
    [[nodiscard]] double learningRate() const;
    [[nodiscard]] bool hasSchedule() const;
    /// For callbacks; a schedule is left as it is, as Keras refuses to change it.
    void setLearningRate(double rate);
    [[nodiscard]] const OptimizerOptions& options() const { return m_options; }

    [[nodiscard]] OptimizerState state() const;
    /// The same without copying: nothing but `giveBack` may be called afterwards.
    [[nodiscard]] OptimizerState takenState();
    void giveBack(OptimizerState state);
    /// Goes on from a state of the same optimizer and variables; refuses any other.
    [[nodiscard]] Expected<void> restore(const OptimizerState& state);

    /// The state kept for a variable, in order of use; moving averages and accumulators included.
    [[nodiscard]] std::vector<SlotSpec> slotsOf(const Variable& variable) const;
    /// Numbers of state that belong to no variable.
    [[nodiscard]] std::size_t scalarCount() const { return m_scalars.size(); }

protected:
    Optimizer(std::string name, OptimizerOptions options);

    /// What `update` is given besides the numbers.
    struct UpdateContext {
        Parallel& parallel;
        StepCommon common;
        std::int64_t step = 1; ///< Number of the update, from 1.
        const Variable& variable;
    };
    /// The own slots of a variable.
    [[nodiscard]] virtual std::vector<SlotSpec> ownSlots(const Variable& variable) const = 0;
    /// How much of a variable each step takes away, times the learning rate.
    [[nodiscard]] virtual double weightDecay(const Variable& /*variable*/) const {
        return m_options.weightDecay.value_or(0.0);
    }
    /// Before the first variable of update number `step`.
    virtual void beginUpdate(std::int64_t step);
    /// Of a whole variable or of a part of it; parts may be updated by several threads at once.
    virtual void update(const UpdateContext& context, std::span<const float> gradient,
                        std::span<float> weights, OptimizerSlots state) const = 0;
    /// Whether a weight's step depends on no other weight of the variable.
    [[nodiscard]] virtual bool updatesEachNumberAlone() const { return true; }
    [[nodiscard]] std::size_t variableCount() const { return m_states.size(); }
    /// The own slots of a variable; none where it is frozen.
    [[nodiscard]] std::span<const Tensor> slotValues(std::size_t variable) const;

    /// Numbers that are not per variable: Nadam's product.
    std::vector<std::pair<std::string, double>> m_scalars;

private:
    struct VariableState {
        Variable variable;
        bool decays = true;
        Tensor average;
        Tensor accumulator;
        std::vector<SlotSpec> specs = {};
        std::vector<Tensor> values = {};
    };
    [[nodiscard]] bool decays(const Variable& variable) const;
    [[nodiscard]] bool accumulate(Parallel& parallel,
                                  std::span<const std::span<const float>> gradients);
    [[nodiscard]] bool updateAll(Parallel& parallel,
                                 std::span<const std::span<const float>> gradients,
                                 Weights& weights, std::span<const ProductGradient> products);
    [[nodiscard]] bool staysInRange(double squares) const;
    [[nodiscard]] bool productsStayInRange(Parallel& parallel, double squares,
                                           std::span<const ProductGradient> products) const;
    [[nodiscard]] StepCommon stepCommon(const VariableState& state, double scale) const;
    void updateInPieces(Parallel& parallel, const ProductGradient& gradient, std::int64_t step,
                        std::span<float> weights);
    void updateAverages(Parallel& parallel, Weights& weights);
    /// Updates made, without the calls that only accumulated.
    [[nodiscard]] std::int64_t updates() const;
    [[nodiscard]] double gradientScale(double norm, double globalNorm) const;
    template <typename States, typename Visit>
    static void visitSlots(States& states, const Visit& visit);

    [[nodiscard]] OptimizerState emptyState() const;

    std::string m_name;
    OptimizerOptions m_options;
    Schedule m_schedule;
    double m_learningRate = 0.001; ///< Where there is no schedule.
    std::int64_t m_iterations = 0;
    std::vector<VariableState> m_states;
    std::vector<Tensor*> m_lent;                        ///< By `takenState`.
    std::array<Parallel, Parallel::maxThreads> m_alone; ///< For work inside a task, by worker.
};

/// What a kind of optimizer is; form, checks and files come from it.
struct OptimizerDef {
    std::string name = {}; ///< Keras' class name: "Adam".
    std::string help = {};
    std::vector<ParamSpec> params = {};
    std::function<std::unique_ptr<Optimizer>(const ParamMap&)> make = {};
};

[[nodiscard]] const std::vector<OptimizerDef>& optimizerDefs();
/// The definition of a class name in any spelling of case, or nullptr.
[[nodiscard]] const OptimizerDef* findOptimizerDef(std::string_view name);

/// Refuses what no single argument's range can: two clippings at once.
[[nodiscard]] Expected<void> checkOptimizerParams(const OptimizerDef& def, const ParamMap& params);

/// Floats of state an optimizer keeps for these variables, for the memory forecast.
[[nodiscard]] std::int64_t optimizerStateFloats(const OptimizerDef& def, const ParamMap& params,
                                                std::span<const Variable> variables);
/// Numbers in Keras' `optimizer.variables`: the iteration, the learning rate where it is no
/// schedule, and the state. What `summary` says as "Optimizer params".
[[nodiscard]] std::int64_t optimizerVariableNumbers(const OptimizerDef& def, const ParamMap& params,
                                                    std::span<const Variable> variables);

} // namespace nn
