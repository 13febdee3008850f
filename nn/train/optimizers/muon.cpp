#include "nn/base/text.h"
#include "nn/train/optimizers/define_optimizer.h"
#include "nn/train/optimizers/optimizers.h"

#include <algorithm>
#include <cmath>

namespace nn {
namespace {

struct MuonOptions : OptimizerOptions {
    MuonOptions() { weightDecay = 0.004; }
    double adamBeta1 = 0.9;
    double adamBeta2 = 0.999;
    std::optional<double> adamWeightDecay = 0.004;
    double epsilon = 1e-7;
    std::optional<std::string> excludeLayers; ///< Parts of paths, separated by commas.
    bool excludeEmbeddings = true;
    double muonA = 3.4445;
    double muonB = -4.775;
    double muonC = 2.0315;
    double adamLrRatio = 1.0;
    double momentum = 0.95;
    std::int64_t nsSteps = 5;
    bool nesterov = true;
    std::optional<double> rmsRate = 0.2;
};

/// Muon for matrices, that is the kernels of Dense layers; AdamW for all other variables.
class Muon final : public Optimizer {
public:
    explicit Muon(const MuonOptions& options) : Optimizer("Muon", options), m_own(options) {}

protected:
    std::vector<SlotSpec> ownSlots(const Variable& variable) const override {
        std::vector<SlotSpec> slots{{.name = "momentum", .shape = variable.spec.shape}};
        if (usesAdam(variable)) {
            slots.push_back({.name = "velocity", .shape = variable.spec.shape});
        }
        return slots;
    }

    [[nodiscard]] double weightDecay(const Variable& variable) const override {
        const auto decay = usesAdam(variable) ? m_own.adamWeightDecay : m_own.weightDecay;
        return decay.value_or(0.0);
    }

    [[nodiscard]] bool updatesEachNumberAlone() const override { return false; }
    void update(const UpdateContext& context, std::span<const float> gradient,
                std::span<float> weights, OptimizerSlots state) const override {
        if (usesAdam(context.variable)) {
            updateByAdam(context, gradient, weights, state);
            return;
        }
        const Shape& shape = context.variable.spec.shape;
        const auto longer = static_cast<double>(std::max(shape[0], shape[1]));
        muonStep(context.parallel,
                 {.common = context.common,
                  .momentum = m_own.momentum,
                  .nesterov = m_own.nesterov,
                  .a = m_own.muonA,
                  .b = m_own.muonB,
                  .c = m_own.muonC,
                  .iterations = m_own.nsSteps,
                  .scale = m_own.rmsRate ? *m_own.rmsRate * std::sqrt(longer) : 1.0},
                 gradient, weights, state[0], shape[0]);
    }

private:
    [[nodiscard]] bool usesAdam(const Variable& variable) const {
        const std::string path = variable.layer + "/" + variable.spec.name;
        const std::vector<std::string> parts = split(m_own.excludeLayers.value_or(""), ',');
        return variable.spec.shape.rank() != 2 ||
               (m_own.excludeEmbeddings &&
                lowerCase(path).find("embedding") != std::string::npos) ||
               std::ranges::any_of(parts, [&](const std::string& part) {
                   return !trimmed(part).empty() && path.find(trimmed(part)) != std::string::npos;
               });
    }
    /// The rate of this step is another one, that of the decay is not.
    void updateByAdam(const UpdateContext& context, std::span<const float> gradient,
                      std::span<float> weights, OptimizerSlots state) const {
        StepCommon common = context.common;
        common.learningRate *= m_own.adamLrRatio;
        common.weightDecay /= m_own.adamLrRatio;
        adamStep(context.parallel,
                 {.common = common,
                  .beta1 = m_own.adamBeta1,
                  .beta2 = m_own.adamBeta2,
                  .epsilon = m_own.epsilon,
                  .step = context.step},
                 gradient, weights, {.m = state[0], .v = state[1], .maximumV = {}});
    }

    MuonOptions m_own;
};

void addAdamArguments(ParamTable<MuonOptions>& table) {
    table.add(
        &MuonOptions::adamBeta1, "adam_beta_1",
        memoryDetail("Memory of the running mean of gradients of variables that AdamW takes."));
    table.add(&MuonOptions::adamBeta2, "adam_beta_2",
              memoryDetail("Memory of the running mean of their squared gradients.", 0.001));
    table.add(&MuonOptions::adamWeightDecay, "adam_weight_decay",
              {.min = 0.0,
               .max = 1.0,
               .step = 0.001,
               .help = "How much these variables shrink at each step, times the learning rate."});
    table.add(&MuonOptions::epsilon, "epsilon", epsilonDetail());
    table.add(&MuonOptions::excludeLayers, "exclude_layers",
              {.help = "Parts of names of layers that AdamW takes, separated by commas; usually "
                       "that of the last Dense layer."});
    table.add(&MuonOptions::excludeEmbeddings, "exclude_embeddings",
              {.help = "Whether AdamW takes variables whose name contains 'embedding'."});
    table.add(&MuonOptions::adamLrRatio, "adam_lr_ratio",
              {.min = 0.0,
               .max = 1e6,
               .minExclusive = true,
               .step = 0.1,
               .help = "The learning rate of these variables, as a multiple of the other one."});
}

void addPolynomial(ParamTable<MuonOptions>& table, double MuonOptions::*member, const char* name,
                   const char* term) {
    table.add(member, name,
              {.min = -100.0,
               .max = 100.0,
               .step = 0.1,
               .help = std::string("The factor of ") + term +
                       " in the polynomial that brings singular values near 1; the default is "
                       "recommended."});
}

} // namespace

OptimizerDef muonDef() {
    auto table = optimizerTable<MuonOptions>();
    addAdamArguments(table);
    addPolynomial(table, &MuonOptions::muonA, "muon_a", "x");
    addPolynomial(table, &MuonOptions::muonB, "muon_b", "x³");
    addPolynomial(table, &MuonOptions::muonC, "muon_c", "x⁵");
    table.add(&MuonOptions::momentum, "momentum",
              memoryDetail("How much of the last step's direction is kept."));
    table.add(&MuonOptions::nsSteps, "ns_steps",
              {.min = 1,
               .max = 100,
               .step = 1,
               .help = "How often the polynomial is applied; more is slower and more exact."});
    table.add(&MuonOptions::nesterov, "nesterov",
              {.help = "Looks one step ahead along the momentum."});
    table.add(&MuonOptions::rmsRate, "rms_rate",
              {.min = 0.0,
               .max = 100.0,
               .step = 0.1,
               .help = "Scales steps by this times the root of the longer side of the matrix, so "
                       "that learning rates of Adam suit. None leaves them."});
    return optimizerDef<Muon>(
        "Muon",
        "Moves the weights of Dense layers in all directions of their matrix equally far, and all "
        "other variables by AdamW. Name the last layer in exclude_layers.",
        std::move(table));
}

} // namespace nn
