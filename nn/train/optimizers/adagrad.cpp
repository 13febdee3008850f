#include "nn/train/optimizers/define_optimizer.h"
#include "nn/train/optimizers/optimizers.h"

namespace nn {
namespace {

struct AdagradOptions : OptimizerOptions {
    double initialAccumulatorValue = 0.1;
    double epsilon = 1e-7;
};

class Adagrad final : public Optimizer {
public:
    explicit Adagrad(const AdagradOptions& options)
        : Optimizer("Adagrad", options), m_own(options) {}

protected:
    std::vector<SlotSpec> ownSlots(const Variable& variable) const override {
        return {{.name = "accumulator",
                 .shape = variable.spec.shape,
                 .initial = static_cast<float>(m_own.initialAccumulatorValue)}};
    }

    void update(const UpdateContext& context, std::span<const float> gradient,
                std::span<float> weights, OptimizerSlots state) const override {
        adagradStep(context.parallel, {.common = context.common, .epsilon = m_own.epsilon},
                    gradient, weights, state[0]);
    }

private:
    AdagradOptions m_own;
};

struct AdadeltaOptions : OptimizerOptions {
    double rho = 0.95;
    double epsilon = 1e-7;
};

class Adadelta final : public Optimizer {
public:
    explicit Adadelta(const AdadeltaOptions& options)
        : Optimizer("Adadelta", options), m_own(options) {}

protected:
    std::vector<SlotSpec> ownSlots(const Variable& variable) const override {
        return {{.name = "accumulated_grad", .shape = variable.spec.shape},
                {.name = "accumulated_delta_var", .shape = variable.spec.shape}};
    }

    void update(const UpdateContext& context, std::span<const float> gradient,
                std::span<float> weights, OptimizerSlots state) const override {
        adadeltaStep(context.parallel,
                     {.common = context.common, .rho = m_own.rho, .epsilon = m_own.epsilon},
                     gradient, weights, {.gradients = state[0], .changes = state[1]});
    }

private:
    AdadeltaOptions m_own;
};

} // namespace

OptimizerDef adagradDef() {
    auto table = optimizerTable<AdagradOptions>();
    table.add(&AdagradOptions::initialAccumulatorValue, "initial_accumulator_value",
              {.min = 0.0,
               .max = 1000.0,
               .step = 0.1,
               .help = "What the sum of squared gradients begins with. Larger: gentler first "
                       "steps."});
    table.add(&AdagradOptions::epsilon, "epsilon", epsilonDetail());
    return optimizerDef<Adagrad>(
        "Adagrad",
        "Divides every gradient by the root of the sum of all its squares so far: weights that "
        "moved much move ever less.",
        std::move(table));
}

OptimizerDef adadeltaDef() {
    auto table = optimizerTable<AdadeltaOptions>();
    table.add(&AdadeltaOptions::rho, "rho",
              memoryDetail("Memory of the running means of squared gradients and changes."));
    table.add(&AdadeltaOptions::epsilon, "epsilon", epsilonDetail());
    return optimizerDef<Adadelta>(
        "Adadelta",
        "Adagrad that forgets: steps as long as the recent changes were. Made to be used with a "
        "learning rate of 1; Keras' default of 0.001 is slow.",
        std::move(table));
}

} // namespace nn
