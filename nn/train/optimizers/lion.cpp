#include "nn/train/optimizers/define_optimizer.h"
#include "nn/train/optimizers/optimizers.h"

namespace nn {
namespace {

struct LionOptions : OptimizerOptions {
    double beta1 = 0.9;
    double beta2 = 0.99;
};

class Lion final : public Optimizer {
public:
    explicit Lion(const LionOptions& options) : Optimizer("Lion", options), m_own(options) {}

protected:
    std::vector<SlotSpec> ownSlots(const Variable& variable) const override {
        return {{.name = "momentum", .shape = variable.spec.shape}};
    }

    void update(const UpdateContext& context, std::span<const float> gradient,
                std::span<float> weights, OptimizerSlots state) const override {
        lionStep(context.parallel,
                 {.common = context.common, .beta1 = m_own.beta1, .beta2 = m_own.beta2}, gradient,
                 weights, state[0]);
    }

private:
    LionOptions m_own;
};

} // namespace

OptimizerDef lionDef() {
    auto table = optimizerTable<LionOptions>();
    table.add(&LionOptions::beta1, "beta_1",
              memoryDetail("How much of the remembered gradient decides the direction."));
    table.add(&LionOptions::beta2, "beta_2",
              memoryDetail("Memory of the running mean of gradients.", 0.001));
    return optimizerDef<Lion>(
        "Lion",
        "Moves every weight by exactly the learning rate, up or down by the sign of a mean "
        "gradient. Wants a learning rate 3 to 10 times smaller than Adam's.",
        std::move(table));
}

} // namespace nn
