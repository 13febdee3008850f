#include "nn/layers/support/shapes.h"
#include "nn/layers/support/value_kernels.h"

namespace nn::layers {

namespace {

struct LeakyReLU {
    double negativeSlope = 0.3;
};
using Definition = DefineLayer<LeakyReLU>;

Definition::Shaped shapeOf(const LeakyReLU& /*options*/, Definition::Inputs inputs) {
    return inputs[0];
}

LayerCost costOf(const LeakyReLU& /*options*/, Definition::Inputs /*inputs*/, const Shape& output) {
    return {.otherOperations = elementsOrZero(output)};
}

std::shared_ptr<const Kernel> kernelOf(const LeakyReLU& options, Definition::Inputs /*inputs*/,
                                       const Shape& /*output*/) {
    return activationKernel(
        {.kind = ActivationKind::Relu, .negativeSlope = static_cast<float>(options.negativeSlope)});
}

} // namespace

LayerDef leaky_relu() {
    return Definition("LeakyReLU", Category::Activation,
                      "Lets positive values pass and shrinks negative ones.")
        .help("As ReLU, but negative values are multiplied by a small slope instead of being cut "
              "off. A unit whose input is negative for every image still has a gradient, so it "
              "cannot go silent for good. Common in networks that generate images. No weights.")
        .formulas("as the input")
        .param(&LeakyReLU::negativeSlope, "negative_slope",
               {.min = 0.0,
                .max = 1e6,
                .step = 0.05,
                .help = "What negative values are multiplied by. 0 gives ReLU, 1 changes "
                        "nothing."})
        .shape(shapeOf)
        .kernel(kernelOf)
        .cost(costOf)
        .example({{5, 4, 3}});
}

} // namespace nn::layers
