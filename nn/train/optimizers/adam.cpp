#include "nn/train/optimizers/define_optimizer.h"
#include "nn/train/optimizers/optimizers.h"

namespace nn {
namespace {

struct AdamOptions : OptimizerOptions {
    double beta1 = 0.9;
    double beta2 = 0.999;
    double epsilon = 1e-7;
    bool amsgrad = false;
};

struct AdamWOptions : AdamOptions {
    AdamWOptions() { weightDecay = 0.004; }
};

/// Adam; AdamW is Adam that decays by default.
class Adam : public Optimizer {
public:
    explicit Adam(const AdamOptions& options) : Adam("Adam", options) {}

protected:
    Adam(std::string name, const AdamOptions& options)
        : Optimizer(std::move(name), options), m_own(options) {}

    std::vector<SlotSpec> ownSlots(const Variable& variable) const override {
        const Shape& shape = variable.spec.shape;
        std::vector<SlotSpec> slots{{.name = "momentum", .shape = shape},
                                    {.name = "velocity", .shape = shape}};
        if (m_own.amsgrad) {
            slots.push_back({.name = "velocity_hat", .shape = shape, .group = 1});
        }
        return slots;
    }

    void update(const UpdateContext& context, std::span<const float> gradient,
                std::span<float> weights, OptimizerSlots state) const override {
        adamStep(context.parallel,
                 {.common = context.common,
                  .beta1 = m_own.beta1,
                  .beta2 = m_own.beta2,
                  .epsilon = m_own.epsilon,
                  .step = context.step},
                 gradient, weights,
                 {.m = state[0],
                  .v = state[1],
                  .maximumV = m_own.amsgrad ? state[2] : std::span<float>()});
    }

private:
    AdamOptions m_own;
};

class AdamW final : public Adam {
public:
    explicit AdamW(const AdamWOptions& options) : Adam("AdamW", options) {}
};

template <typename Options>
ParamTable<Options> adamTable() {
    auto table = optimizerTable<Options>();
    table.add(static_cast<double Options::*>(&Options::beta1), "beta_1",
              memoryDetail("Memory of the running mean of gradients."));
    table.add(static_cast<double Options::*>(&Options::beta2), "beta_2",
              memoryDetail("Memory of the running mean of squared gradients.", 0.001));
    table.add(static_cast<double Options::*>(&Options::epsilon), "epsilon", epsilonDetail());
    table.add(static_cast<bool Options::*>(&Options::amsgrad), "amsgrad",
              {.help = "Divides by the largest squared mean seen so far, which never lets a step "
                       "grow again. Costs one more number per weight."});
    return table;
}

} // namespace

OptimizerDef adamDef() {
    return optimizerDef<Adam>(
        "Adam",
        "Gives every weight a step size of its own from running means of its gradient and squared "
        "gradient. The usual first choice.",
        adamTable<AdamOptions>());
}

OptimizerDef adamWDef() {
    return optimizerDef<AdamW>(
        "AdamW",
        "Adam that also shrinks the weights a little at every step, apart from the gradient: the "
        "usual choice where weights must stay small.",
        adamTable<AdamWOptions>());
}

} // namespace nn
