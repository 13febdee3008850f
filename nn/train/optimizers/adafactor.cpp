#include "nn/train/optimizers/define_optimizer.h"
#include "nn/train/optimizers/optimizers.h"

namespace nn {
namespace {

struct AdafactorOptions : OptimizerOptions {
    double beta2Decay = -0.8;
    double epsilon1 = 1e-30;
    double epsilon2 = 1e-3;
    double clipThreshold = 1.0;
    bool relativeStep = true; ///< Changes nothing: Keras bounds the rate by 1/√t in any case.
};

/// The last two axes of a variable with two or more are factored.
bool isFactored(const Shape& shape) {
    return shape.rank() >= 2;
}

class Adafactor final : public Optimizer {
public:
    explicit Adafactor(const AdafactorOptions& options)
        : Optimizer("Adafactor", options), m_own(options) {}

protected:
    std::vector<SlotSpec> ownSlots(const Variable& variable) const override {
        const Shape& shape = variable.spec.shape;
        std::vector<SlotSpec> slots;
        if (isFactored(shape)) {
            std::vector<std::int64_t> rows = shape.extents();
            std::vector<std::int64_t> columns = shape.extents();
            rows.pop_back();
            columns.erase(columns.end() - 2);
            slots = {{.name = "rows", .shape = Shape(rows)},
                     {.name = "columns", .shape = Shape(columns)}};
        }
        slots.push_back({.name = "velocity", .shape = shape});
        return slots;
    }

    [[nodiscard]] bool updatesEachNumberAlone() const override { return false; }
    void update(const UpdateContext& context, std::span<const float> gradient,
                std::span<float> weights, OptimizerSlots state) const override {
        const Shape& shape = context.variable.spec.shape;
        AdafactorState slots;
        slots.velocity = state.back();
        if (isFactored(shape)) {
            slots.rows = state[0];
            slots.columns = state[1];
            slots.height = shape[shape.rank() - 2];
            slots.width = shape[shape.rank() - 1];
        }
        adafactorStep(context.parallel,
                      {.common = context.common,
                       .beta2Decay = m_own.beta2Decay,
                       .epsilon1 = m_own.epsilon1,
                       .epsilon2 = m_own.epsilon2,
                       .clipThreshold = m_own.clipThreshold,
                       .step = context.step},
                      gradient, weights, slots);
    }

private:
    AdafactorOptions m_own;
};

} // namespace

OptimizerDef adafactorDef() {
    auto table = optimizerTable<AdafactorOptions>();
    table.add(&AdafactorOptions::beta2Decay, "beta_2_decay",
              {.min = -10.0,
               .max = 0.0,
               .step = 0.1,
               .help = "How the memory of squared gradients grows: step t to this power is what it "
                       "takes of a new one."});
    table.add(&AdafactorOptions::epsilon1, "epsilon_1",
              {.min = 0.0,
               .max = 1.0,
               .help = "Added to squared gradients, so that nothing is divided by 0."});
    table.add(&AdafactorOptions::epsilon2, "epsilon_2",
              {.min = 0.0,
               .max = 1.0,
               .help = "Steps are at least this long for variables with tiny weights."});
    table.add(&AdafactorOptions::clipThreshold, "clip_threshold",
              {.min = 0.0,
               .max = 1e6,
               .minExclusive = true,
               .step = 0.1,
               .help = "A step whose mean size is larger than this, in units of the learning rate, "
                       "is shortened."});
    table.add(&AdafactorOptions::relativeStep, "relative_step",
              {.help = "Taken over from Keras, where the learning rate is at most one over the "
                       "root of the step in any case."});
    return optimizerDef<Adafactor>(
        "Adafactor",
        "Steps in proportion to the size of each layer's weights, from running means of squared "
        "gradients over rows and columns of its matrices. The learning rate falls with the root "
        "of the step.",
        std::move(table));
}

} // namespace nn
