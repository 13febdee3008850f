#include "nn/exec/kernel.h"
#include "nn/layers/support/broadcast.h"
#include "nn/layers/support/shapes.h"

namespace nn::layers {

namespace {

struct RepeatVector {
    std::int64_t n = 1;
};
using Definition = DefineLayer<RepeatVector>;

Definition::Shaped shapeOf(const RepeatVector& options, Definition::Inputs inputs) {
    if (inputs[0].rank() != 1) {
        return layerProblem("RepeatVector needs a single row of values, but its input is " +
                            shapeText(inputs[0]) + ". Put Flatten before it.");
    }
    const Shape output{options.n, inputs[0][0]};
    if (auto problem = sizeProblem("RepeatVector", "its output", output, "n")) {
        return tl::unexpected(*problem);
    }
    return output;
}

class RepeatVectorKernel final : public Kernel {
public:
    RepeatVectorKernel(const Shape& input, const Shape& output) : m_repeats(input, output) {}

    [[nodiscard]] KernelMemory memory(std::int64_t /*batch*/, Phase /*phase*/) const override {
        return {};
    }
    void forward(const ForwardArgs& args) const override {
        m_repeats.expand(*args.parallel, args.batch, args.inputs[0], args.output);
    }
    void backward(const BackwardArgs& args) const override {
        if (!args.inputGradients[0].empty()) {
            m_repeats.sum(*args.parallel, args.batch, args.outputGradient, args.inputGradients[0]);
        }
    }
    [[nodiscard]] bool backwardReadsInputs() const override { return false; }
    [[nodiscard]] bool backwardReadsOutput() const override { return false; }

private:
    Broadcast m_repeats;
};

std::shared_ptr<const Kernel> kernelOf(const RepeatVector& /*options*/, Definition::Inputs inputs,
                                       const Shape& output) {
    return std::make_shared<RepeatVectorKernel>(inputs[0], output);
}

} // namespace

LayerDef repeat_vector() {
    return Definition("RepeatVector", Category::Reshaping, "Repeats a row of values several times.")
        .help("Copies a row of values n times, one below the other: a row of 32 becomes n × 32. "
              "Gives each step of a sequence, or each position of an image after Reshape, the same "
              "summary of the whole input. Needs a row without further axes: put Flatten before "
              "it. No weights.")
        .formulas("n × values of the input")
        .param(&RepeatVector::n, "n",
               {.min = 1,
                .max = 16'777'216,
                .step = 1,
                .help = "How many copies of the row are made.",
                .required = true})
        .shape(shapeOf)
        .kernel(kernelOf)
        .example({{5}}, {{"n", std::int64_t{3}}});
}

} // namespace nn::layers
