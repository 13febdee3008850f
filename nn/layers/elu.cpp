#include "nn/layers/support/shapes.h"
#include "nn/layers/support/value_kernels.h"

namespace nn::layers {

namespace {

struct ELU {
    double alpha = 1.0;
};
using Definition = DefineLayer<ELU>;

Definition::Shaped shapeOf(const ELU& /*options*/, Definition::Inputs inputs) {
    return inputs[0];
}

LayerCost costOf(const ELU& /*options*/, Definition::Inputs /*inputs*/, const Shape& output) {
    return {.otherOperations = elementsOrZero(output)};
}

std::shared_ptr<const Kernel> kernelOf(const ELU& options, Definition::Inputs /*inputs*/,
                                       const Shape& /*output*/) {
    return activationKernel(
        {.kind = ActivationKind::Elu, .alpha = static_cast<float>(options.alpha)});
}

} // namespace

LayerDef elu() {
    return Definition("ELU", Category::Activation,
                      "Lets positive values pass and bends negative ones to a floor.")
        .help("Positive values pass; negative ones follow alpha × (e to the value − 1), which "
              "falls smoothly to −alpha. Means of activations come closer to zero than with ReLU, "
              "which can speed learning up, and units do not go silent; the exponential costs a "
              "little more. No weights.")
        .formulas("as the input")
        .param(&ELU::alpha, "alpha",
               {.min = -1e6,
                .max = 1e6,
                .step = 0.1,
                .help = "How deep negative values can go: the floor is at −alpha."})
        .shape(shapeOf)
        .kernel(kernelOf)
        .cost(costOf)
        .example({{5, 4, 3}});
}

} // namespace nn::layers
