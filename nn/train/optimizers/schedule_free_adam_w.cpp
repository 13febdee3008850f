#include "nn/train/optimizers/define_optimizer.h"
#include "nn/train/optimizers/optimizers.h"

#include <algorithm>

namespace nn {
namespace {

struct ScheduleFreeOptions : OptimizerOptions {
    ScheduleFreeOptions() : OptimizerOptions{.learningRate = 0.0025} {}
    double beta1 = 0.9;
    double beta2 = 0.999;
    double epsilon = 1e-8;
    std::int64_t warmupSteps = 0;
};

class ScheduleFreeAdamW final : public Optimizer {
public:
    explicit ScheduleFreeAdamW(const ScheduleFreeOptions& options)
        : Optimizer("ScheduleFreeAdamW", options), m_own(options) {}

    void finish(Parallel& parallel, Weights& weights) const override {
        if (options().useEma) {
            Optimizer::finish(parallel, weights);
            return;
        }
        for (std::size_t i = 0; iterations() > 0 && i < variableCount(); ++i) {
            if (!slotValues(i).empty()) {
                scheduleFreeAverage(parallel, m_own.beta1, slotValues(i)[0].values(),
                                    weights.tensors[i].values());
            }
        }
    }
    bool finishChangesWeights() const override { return true; }

protected:
    std::vector<SlotSpec> ownSlots(const Variable& variable) const override {
        return {{.name = "momentum", .shape = variable.spec.shape},
                {.name = "velocity", .shape = variable.spec.shape}};
    }

    void update(const UpdateContext& context, std::span<const float> gradient,
                std::span<float> weights, OptimizerSlots state) const override {
        const double warmUp = m_own.warmupSteps == 0
                                  ? 1.0
                                  : std::min(static_cast<double>(context.step) /
                                                 static_cast<double>(m_own.warmupSteps),
                                             1.0);
        scheduleFreeStep(context.parallel,
                         {.common = context.common,
                          .beta1 = m_own.beta1,
                          .beta2 = m_own.beta2,
                          .epsilon = m_own.epsilon,
                          .step = context.step,
                          .warmUp = warmUp},
                         gradient, weights, {.m = state[0], .v = state[1], .maximumV = {}});
    }

private:
    ScheduleFreeOptions m_own;
};

} // namespace

OptimizerDef scheduleFreeAdamWDef() {
    auto table = optimizerTable<ScheduleFreeOptions>();
    ParamDetail share = memoryDetail("How much of the averaged weights is in those trained with.");
    share.minExclusive = true;
    table.add(&ScheduleFreeOptions::beta1, "beta_1", std::move(share));
    table.add(&ScheduleFreeOptions::beta2, "beta_2",
              memoryDetail("Memory of the running mean of squared gradients.", 0.001));
    table.add(&ScheduleFreeOptions::epsilon, "epsilon", epsilonDetail());
    table.add(&ScheduleFreeOptions::warmupSteps, "warmup_steps",
              {.min = 0.0,
               .max = 1e9,
               .help = "Steps over which the learning rate rises to its value; 0: at once."});
    return optimizerDef<ScheduleFreeAdamW>(
        "ScheduleFreeAdamW",
        "Adam that averages the weights it went through, which does away with a learning rate "
        "schedule. The averages are the weights at the end of training.",
        std::move(table));
}

} // namespace nn
