#include "nn/train/optimizers/define_optimizer.h"
#include "nn/train/optimizers/optimizers.h"

namespace nn {
namespace {

struct LambOptions : OptimizerOptions {
    double beta1 = 0.9;
    double beta2 = 0.999;
    double epsilon = 1e-7;
};

class Lamb final : public Optimizer {
public:
    explicit Lamb(const LambOptions& options) : Optimizer("Lamb", options), m_own(options) {}

protected:
    std::vector<SlotSpec> ownSlots(const Variable& variable) const override {
        return {{.name = "momentum", .shape = variable.spec.shape},
                {.name = "velocity", .shape = variable.spec.shape}};
    }

    void update(const UpdateContext& context, std::span<const float> gradient,
                std::span<float> weights, OptimizerSlots state) const override {
        lambStep(context.parallel,
                 {.common = context.common,
                  .beta1 = m_own.beta1,
                  .beta2 = m_own.beta2,
                  .epsilon = m_own.epsilon,
                  .step = context.step},
                 gradient, weights, {.m = state[0], .v = state[1], .maximumV = {}});
    }

    bool updatesEachNumberAlone() const override { return false; }

private:
    LambOptions m_own;
};

} // namespace

OptimizerDef lambDef() {
    auto table = optimizerTable<LambOptions>();
    table.add(&LambOptions::beta1, "beta_1",
              memoryDetail("Memory of the running mean of gradients."));
    table.add(&LambOptions::beta2, "beta_2",
              memoryDetail("Memory of the running mean of squared gradients.", 0.001));
    table.add(&LambOptions::epsilon, "epsilon", epsilonDetail());
    return optimizerDef<Lamb>(
        "Lamb",
        "Adam's direction, with steps in proportion to the size of each layer's weights. Made for "
        "very large batches.",
        std::move(table));
}

} // namespace nn
