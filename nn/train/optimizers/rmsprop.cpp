#include "nn/train/optimizers/define_optimizer.h"
#include "nn/train/optimizers/optimizers.h"

namespace nn {
namespace {

struct RmspropOptions : OptimizerOptions {
    double rho = 0.9;
    double momentum = 0.0;
    double epsilon = 1e-7;
    bool centered = false;
};

class Rmsprop final : public Optimizer {
public:
    explicit Rmsprop(const RmspropOptions& options)
        : Optimizer("RMSprop", options), m_own(options) {}

protected:
    std::vector<SlotSpec> ownSlots(const Variable& variable) const override {
        const Shape& shape = variable.spec.shape;
        std::vector<SlotSpec> slots{{.name = "velocity", .shape = shape, .group = 0}};
        if (m_own.momentum > 0.0) {
            slots.push_back({.name = "momentum", .shape = shape, .group = 1});
        }
        if (m_own.centered) {
            slots.push_back({.name = "average_gradient", .shape = shape, .group = 2});
        }
        return slots;
    }

    void update(const UpdateContext& context, std::span<const float> gradient,
                std::span<float> weights, OptimizerSlots state) const override {
        RmspropState parts{.v = state[0], .average = {}, .velocity = {}};
        if (m_own.momentum > 0.0) {
            parts.velocity = state[1];
        }
        if (m_own.centered) {
            parts.average = state.back();
        }
        rmspropStep(context.parallel,
                    {.common = context.common,
                     .rho = m_own.rho,
                     .momentum = m_own.momentum,
                     .epsilon = m_own.epsilon},
                    gradient, weights, parts);
    }

private:
    RmspropOptions m_own;
};

} // namespace

OptimizerDef rmspropDef() {
    auto table = optimizerTable<RmspropOptions>();
    table.add(&RmspropOptions::rho, "rho",
              memoryDetail("Memory of the running mean of squared gradients."));
    table.add(&RmspropOptions::momentum, "momentum",
              memoryDetail("Share of the last step that is kept. 0 turns it off.", 0.1));
    table.add(&RmspropOptions::epsilon, "epsilon", epsilonDetail());
    table.add(&RmspropOptions::centered, "centered",
              {.help = "Divides by the variance of the gradients in place of their squared mean. "
                       "Steadier at times; costs one more number per weight."});
    return optimizerDef<Rmsprop>(
        "RMSprop",
        "Divides every gradient by the root of a running mean of its square, so that all weights "
        "move at about the same pace. Keras' default.",
        std::move(table));
}

} // namespace nn
