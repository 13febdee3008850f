#include "nn/train/optimizers/define_optimizer.h"
#include "nn/train/optimizers/optimizers.h"

namespace nn {
namespace {

struct SgdOptions : OptimizerOptions {
    SgdOptions() : OptimizerOptions{.learningRate = 0.01} {}
    double momentum = 0.0;
    bool nesterov = false;
};

class Sgd final : public Optimizer {
public:
    explicit Sgd(const SgdOptions& options) : Optimizer("SGD", options), m_own(options) {}

protected:
    std::vector<SlotSpec> ownSlots(const Variable& variable) const override {
        if (m_own.momentum == 0.0) {
            return {};
        }
        return {{.name = "momentum", .shape = variable.spec.shape}};
    }

    void update(const UpdateContext& context, std::span<const float> gradient,
                std::span<float> weights, OptimizerSlots state) const override {
        sgdStep(context.parallel,
                {.common = context.common, .momentum = m_own.momentum, .nesterov = m_own.nesterov},
                gradient, weights, state.empty() ? std::span<float>() : state[0]);
    }

private:
    SgdOptions m_own;
};

} // namespace

OptimizerDef sgdDef() {
    auto table = optimizerTable<SgdOptions>();
    table.add(&SgdOptions::momentum, "momentum",
              {.min = 0.0,
               .max = 1.0,
               .maxExclusive = true,
               .step = 0.1,
               .help = "Share of the last step that is kept: carries through flat places and "
                       "damps zigzag. 0.9 is usual, 0 turns it off."});
    table.add(&SgdOptions::nesterov, "nesterov",
              {.help = "Looks one momentum step ahead before it takes the gradient.",
               .shownWhenParam = "momentum",
               .shownWhenNot = 0.0});
    return optimizerDef<Sgd>(
        "SGD",
        "Stochastic gradient descent: a step straight down the gradient of one batch, optionally "
        "with momentum.",
        std::move(table));
}

} // namespace nn
