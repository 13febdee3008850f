#include "nn/exec/kernel.h"
#include "nn/kernels/elementwise.h"
#include "nn/layers/support/shapes.h"

namespace nn::layers {

namespace {

struct Rescaling {
    double scale = 1.0 / 255.0;
    double offset = 0.0;
};
using Definition = DefineLayer<Rescaling>;

Definition::Shaped shapeOf(const Rescaling& /*options*/, Definition::Inputs inputs) {
    return inputs[0];
}

LayerCost costOf(const Rescaling& /*options*/, Definition::Inputs /*inputs*/, const Shape& output) {
    return {.otherOperations = saturatedProduct({elementsOrZero(output), 2})};
}

class RescalingKernel final : public Kernel {
public:
    explicit RescalingKernel(const Rescaling& options)
        : m_scale(static_cast<float>(options.scale)), m_offset(static_cast<float>(options.offset)) {
    }

    [[nodiscard]] KernelMemory memory(std::int64_t /*batch*/, Phase /*phase*/) const override {
        return {};
    }
    void forward(const ForwardArgs& args) const override {
        scale(*args.parallel, m_scale, m_offset, args.inputs[0], args.output);
    }
    void backward(const BackwardArgs& args) const override {
        if (!args.inputGradients[0].empty()) {
            scale(*args.parallel, m_scale, 0.0F, args.outputGradient, args.inputGradients[0]);
        }
    }
    [[nodiscard]] bool backwardReadsInputs() const override { return false; }
    [[nodiscard]] bool backwardReadsOutput() const override { return false; }
    [[nodiscard]] bool runsInPlace() const override { return true; }

private:
    float m_scale;
    float m_offset;
};

std::shared_ptr<const Kernel> kernelOf(const Rescaling& options, Definition::Inputs /*inputs*/,
                                       const Shape& /*output*/) {
    return std::make_shared<RescalingKernel>(options);
}

} // namespace

LayerDef rescaling() {
    return Definition("Rescaling", Category::Core,
                      "Multiplies every value by a number and adds another.")
        .help("Brings pixel values into the range a network likes: scale 1/255 turns 0…255 into "
              "0…1, scale 1/127.5 with offset −1 into −1…1. As the first layer of a network it "
              "makes sure that whoever uses it later scales images as in training. The data here "
              "already lie between 0 and 1. No weights.")
        .formulas("as the input")
        .param(&Rescaling::scale, "scale",
               {.min = -1e12,
                .max = 1e12,
                .step = 0.1,
                .help = "What every value is multiplied by.",
                .required = true})
        .param(&Rescaling::offset, "offset",
               {.min = -1e12, .max = 1e12, .step = 0.1, .help = "What is added after multiplying."})
        .shape(shapeOf)
        .kernel(kernelOf)
        .cost(costOf)
        .example({{5, 4, 3}}, {{"scale", 0.5}, {"offset", -1.0}});
}

} // namespace nn::layers
