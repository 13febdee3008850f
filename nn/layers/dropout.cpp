#include "nn/layers/support/copies.h"
#include "nn/layers/support/dropout_key.h"
#include "nn/layers/support/shapes.h"

namespace nn::layers {

namespace {

struct Dropout {
    double rate = 0.5;
    std::optional<std::int64_t> seed;
};
using Definition = DefineLayer<Dropout>;

Definition::Shaped shapeOf(const Dropout& /*options*/, Definition::Inputs inputs) {
    return inputs[0];
}

LayerCost costOf(const Dropout& /*options*/, Definition::Inputs /*inputs*/, const Shape& output) {
    return {.otherOperations = elementsOrZero(output)};
}

class DropoutKernel final : public Kernel {
public:
    DropoutKernel(const Dropout& options, std::int64_t sampleFloats)
        : m_options(options), m_sampleFloats(sampleFloats) {}

    [[nodiscard]] KernelMemory memory(std::int64_t /*batch*/, Phase /*phase*/) const override {
        return {};
    }
    void forward(const ForwardArgs& args) const override {
        if (args.phase == Phase::Inference) {
            copyValues(*args.parallel, args.inputs[0], args.output);
        } else {
            apply(*args.parallel, args.batch, args.key, args.inputs[0], args.output);
        }
    }
    /// The mask is drawn again from the same key: nothing was kept.
    void backward(const BackwardArgs& args) const override {
        if (!args.inputGradients[0].empty()) {
            apply(*args.parallel, args.batch, args.key, args.outputGradient,
                  args.inputGradients[0]);
        }
    }
    [[nodiscard]] bool backwardReadsInputs() const override { return false; }
    [[nodiscard]] bool backwardReadsOutput() const override { return false; }
    [[nodiscard]] bool isIdentity(Phase phase) const override {
        return phase == Phase::Inference || m_options.rate == 0.0;
    }
    [[nodiscard]] bool runsInPlace() const override { return true; }

private:
    void apply(Parallel& parallel, std::int64_t batch, const StepKey& key, std::span<const float> x,
               std::span<float> y) const {
        if (m_options.rate >= 1.0) {
            fill(parallel, 0.0F, y);
            return;
        }
        dropout(parallel, {batch, m_sampleFloats, m_sampleFloats},
                {.rate = static_cast<float>(m_options.rate),
                 .key = dropoutKey(key, m_options.seed),
                 .x = x,
                 .y = y});
    }

    Dropout m_options;
    std::int64_t m_sampleFloats;
};

std::shared_ptr<const Kernel> kernelOf(const Dropout& options, Definition::Inputs /*inputs*/,
                                       const Shape& output) {
    return std::make_shared<DropoutKernel>(options, output.count());
}

} // namespace

LayerDef dropout() {
    return Definition("Dropout", Category::Regularization,
                      "Sets random values to zero while training, so that nothing is learned by "
                      "heart.")
        .help("While training, each value is set to zero with probability rate, anew for every "
              "image and step; the others grow by 1 ÷ (1 − rate), so that the sum stays the same "
              "on average. The network cannot rely on any single value and overfits less. When "
              "predicting, it does nothing. Put it before large Dense layers. No weights.")
        .param(&Dropout::rate, "rate",
               {.min = 0.0,
                .max = 1.0,
                .step = 0.05,
                .help = "The fraction of values set to zero. 0.5 before Dense and 0.25 after "
                        "pooling are common; 0 switches it off.",
                .required = true})
        .param(&Dropout::seed, "seed",
               {.min = 0,
                .max = 2'147'483'647,
                .step = 1,
                .help = "Where this layer's random numbers start. None takes them from the "
                        "training's own seed."})
        .randomWhenTraining()
        .shape(shapeOf)
        .kernel(kernelOf)
        .cost(costOf)
        .example({{6, 5, 3}});
}

} // namespace nn::layers
