#include "nn/layers/support/shapes.h"
#include "nn/layers/support/value_kernels.h"

namespace nn::layers {

namespace {

struct ActivationLayer {
    ActivationName activation = ActivationName::Relu;
};
using Definition = DefineLayer<ActivationLayer>;

Definition::Shaped shapeOf(const ActivationLayer& /*options*/, Definition::Inputs inputs) {
    return inputs[0];
}

LayerCost costOf(const ActivationLayer& options, Definition::Inputs /*inputs*/,
                 const Shape& output) {
    LayerCost cost = activationCost(options.activation, elementsOrZero(output));
    cost.savedBytes = 0; // Its input is kept anyway.
    return cost;
}

std::shared_ptr<const Kernel> kernelOf(const ActivationLayer& options,
                                       Definition::Inputs /*inputs*/, const Shape& output) {
    switch (options.activation) {
    case ActivationName::Linear:
        return std::make_shared<IdentityKernel>();
    case ActivationName::Softmax:
        return softmaxKernel(splitAround(output, output.rank() - 1));
    case ActivationName::Relu:
    case ActivationName::Sigmoid:
    case ActivationName::Tanh:
    case ActivationName::Elu:
    case ActivationName::Selu:
    case ActivationName::Softplus:
    case ActivationName::Softsign:
    case ActivationName::Silu:
    case ActivationName::Swish:
    case ActivationName::Gelu:
    case ActivationName::Exponential:
    case ActivationName::HardSigmoid:
        return activationKernel(activationOf(options.activation));
    }
    return nullptr;
}

} // namespace

LayerDef activation() {
    return Definition("Activation", Category::Activation,
                      "Applies an activation function to every value.")
        .help("The same functions that Conv2D and Dense take as an argument, as a layer of their "
              "own: for a place behind BatchNormalization or Add. Without activations, layers in a "
              "row would collapse into a single linear one. relu cuts negative values off, sigmoid "
              "and tanh squeeze into a fixed range, silu and gelu are smooth relatives of relu, "
              "softmax turns the last axis into probabilities. No weights.")
        .param(&ActivationLayer::activation, "activation",
               [] {
                   ParamDetail detail = activationDetail();
                   detail.required = true;
                   return detail;
               }())
        .shape(shapeOf)
        .kernel(kernelOf)
        .cost(costOf)
        .example({{5, 4, 3}});
}

} // namespace nn::layers
