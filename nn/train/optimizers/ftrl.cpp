#include "nn/train/optimizers/define_optimizer.h"
#include "nn/train/optimizers/optimizers.h"

namespace nn {
namespace {

struct FtrlOptions : OptimizerOptions {
    double learningRatePower = -0.5;
    double initialAccumulatorValue = 0.1;
    double l1 = 0.0;
    double l2 = 0.0;
    double l2Shrinkage = 0.0;
    double beta = 0.0;
};

class Ftrl final : public Optimizer {
public:
    explicit Ftrl(const FtrlOptions& options) : Optimizer("Ftrl", options), m_own(options) {}

protected:
    std::vector<SlotSpec> ownSlots(const Variable& variable) const override {
        return {{.name = "accumulator",
                 .shape = variable.spec.shape,
                 .initial = static_cast<float>(m_own.initialAccumulatorValue)},
                {.name = "linear", .shape = variable.spec.shape}};
    }

    void update(const UpdateContext& context, std::span<const float> gradient,
                std::span<float> weights, OptimizerSlots state) const override {
        ftrlStep(context.parallel,
                 {.common = context.common,
                  .power = m_own.learningRatePower,
                  .l1 = m_own.l1,
                  .l2 = m_own.l2,
                  .l2Shrinkage = m_own.l2Shrinkage,
                  .beta = m_own.beta},
                 gradient, weights, {.accumulator = state[0], .linear = state[1]});
    }

private:
    FtrlOptions m_own;
};

ParamDetail strength(std::string help) {
    return {.min = 0.0, .max = 1e6, .step = 0.001, .help = std::move(help)};
}

} // namespace

OptimizerDef ftrlDef() {
    auto table = optimizerTable<FtrlOptions>();
    table.add(&FtrlOptions::learningRatePower, "learning_rate_power",
              {.min = -10.0,
               .max = 0.0,
               .step = 0.1,
               .help = "How fast a weight's own learning rate falls with its gradients: −0.5 as "
                       "Adagrad, 0 not at all."});
    table.add(&FtrlOptions::initialAccumulatorValue, "initial_accumulator_value",
              {.min = 0.0,
               .max = 1000.0,
               .step = 0.1,
               .help = "What the sum of squared gradients begins with."});
    table.add(&FtrlOptions::l1, "l1_regularization_strength",
              strength("Pulls weights to exactly zero."));
    table.add(&FtrlOptions::l2, "l2_regularization_strength",
              strength("Keeps weights small, as a penalty inside the rule."));
    table.add(&FtrlOptions::l2Shrinkage, "l2_shrinkage_regularization_strength",
              strength("Keeps weights small, as a part of the gradient."));
    table.add(&FtrlOptions::beta, "beta", strength("Lowers the first steps; 0 as in the paper."));
    return optimizerDef<Ftrl>(
        "Ftrl",
        "Follow the regularized leader: made for shallow models with very many inputs, of which "
        "most weights should be zero.",
        std::move(table));
}

} // namespace nn
