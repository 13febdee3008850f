#include "nn/train/optimizers/define_optimizer.h"
#include "nn/train/optimizers/optimizers.h"

#include <cmath>

namespace nn {
namespace {

struct MomentOptions : OptimizerOptions {
    double beta1 = 0.9;
    double beta2 = 0.999;
    double epsilon = 1e-7;
};

class Adamax final : public Optimizer {
public:
    explicit Adamax(const MomentOptions& options) : Optimizer("Adamax", options), m_own(options) {}

protected:
    std::vector<SlotSpec> ownSlots(const Variable& variable) const override {
        return {{.name = "momentum", .shape = variable.spec.shape},
                {.name = "norm", .shape = variable.spec.shape}};
    }

    void update(const UpdateContext& context, std::span<const float> gradient,
                std::span<float> weights, OptimizerSlots state) const override {
        adamaxStep(context.parallel,
                   {.common = context.common,
                    .beta1 = m_own.beta1,
                    .beta2 = m_own.beta2,
                    .epsilon = m_own.epsilon,
                    .step = context.step},
                   gradient, weights, {.m = state[0], .norm = state[1]});
    }

private:
    MomentOptions m_own;
};

class Nadam final : public Optimizer {
public:
    explicit Nadam(const MomentOptions& options) : Optimizer("Nadam", options), m_own(options) {
        m_scalars = {{"u_product", 1.0}};
    }

protected:
    std::vector<SlotSpec> ownSlots(const Variable& variable) const override {
        return {{.name = "momentum", .shape = variable.spec.shape},
                {.name = "velocity", .shape = variable.spec.shape}};
    }

    void beginUpdate(std::int64_t step) override {
        m_momentum = momentumAt(step);
        m_nextMomentum = momentumAt(step + 1);
        m_scalars.front().second *= m_momentum;
    }

    void update(const UpdateContext& context, std::span<const float> gradient,
                std::span<float> weights, OptimizerSlots state) const override {
        nadamStep(context.parallel,
                  {.common = context.common,
                   .beta1 = m_own.beta1,
                   .beta2 = m_own.beta2,
                   .epsilon = m_own.epsilon,
                   .step = context.step,
                   .momentum = m_momentum,
                   .nextMomentum = m_nextMomentum,
                   .product = m_scalars.front().second},
                  gradient, weights, {.m = state[0], .v = state[1], .maximumV = {}});
    }

private:
    [[nodiscard]] double momentumAt(std::int64_t step) const {
        return m_own.beta1 * (1.0 - 0.5 * std::pow(0.96, static_cast<double>(step)));
    }

    MomentOptions m_own;
    double m_momentum = 0.0;
    double m_nextMomentum = 0.0;
};

ParamTable<MomentOptions> momentTable(std::string beta2Help) {
    auto table = optimizerTable<MomentOptions>();
    table.add(&MomentOptions::beta1, "beta_1",
              memoryDetail("Memory of the running mean of gradients."));
    table.add(&MomentOptions::beta2, "beta_2", memoryDetail(std::move(beta2Help), 0.001));
    table.add(&MomentOptions::epsilon, "epsilon", epsilonDetail());
    return table;
}

} // namespace

OptimizerDef adamaxDef() {
    return optimizerDef<Adamax>(
        "Adamax",
        "Adam that divides by the largest recent gradient of a weight in place of its squared "
        "mean; steadier when single gradients jump.",
        momentTable("Memory of the largest gradient."));
}

OptimizerDef nadamDef() {
    return optimizerDef<Nadam>(
        "Nadam", "Adam with Nesterov momentum: it looks one step ahead of its running mean.",
        momentTable("Memory of the running mean of squared gradients."));
}

} // namespace nn
