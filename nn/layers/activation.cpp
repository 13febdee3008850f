#include "nn/layers/support/shapes.h"
#include "nn/layers/support/value_kernels.h"

namespace nn::layers {

namespace {

struct ActivationLayer {
    ActivationName activation = ActivationName::Relu;
};
using Definition = DefineLayer<ActivationLayer>;

Definition::Shaped shapeOf(const ActivationLayer& options, Definition::Inputs inputs) {
    if (options.activation != ActivationName::Glu) {
        return inputs[0];
    }
    Shape output = inputs[0];
    if (output.rank() == 0 || (output.back() != kUnknown && output.back() % 2 != 0)) {
        return layerProblem(
            "Activation 'glu' splits the last axis into two halves, but here it "
            "has " +
                (output.rank() == 0 ? std::string("no axis") : std::to_string(output.back())) +
                ". Give the layer before an even number of filters or units.",
            "activation");
    }
    output[output.rank() - 1] = output.back() == kUnknown ? kUnknown : output.back() / 2;
    return output;
}

LayerCost costOf(const ActivationLayer& options, Definition::Inputs /*inputs*/,
                 const Shape& output) {
    LayerCost cost = activationCost(options.activation, elementsOrZero(output));
    cost.savedBytes = 0; // Its input is kept anyway.
    return cost;
}

std::shared_ptr<const Kernel> kernelOf(const ActivationLayer& options,
                                       Definition::Inputs /*inputs*/, const Shape& output) {
    if (options.activation == ActivationName::Linear) {
        return std::make_shared<IdentityKernel>();
    }
    if (options.activation == ActivationName::Glu) {
        return gluKernel(output);
    }
    if (const auto rows = rowActivationOf(options.activation)) {
        return rowActivationKernel(*rows, splitAround(output, output.rank() - 1));
    }
    return activationKernel(activationOf(options.activation));
}

} // namespace

LayerDef activation() {
    return Definition("Activation", Category::Activation,
                      "Applies an activation function to every value.")
        .formulas("as the input; glu leaves half of the last axis")
        .help("The same functions that Conv2D and Dense take as an argument, as a layer of their "
              "own: for a place behind BatchNormalization or Add. Without activations, layers in a "
              "row would collapse into a single linear one. relu cuts negative values off, sigmoid "
              "and tanh squeeze into a fixed range, silu and gelu are smooth relatives of relu, "
              "softmax turns the last axis into probabilities, glu lets one half of the channels "
              "open and close the other half, which leaves half as many. No weights.")
        .param(&ActivationLayer::activation, "activation",
               [] {
                   ParamDetail detail = activationDetail();
                   detail.choices.emplace_back("glu");
                   detail.required = true;
                   return detail;
               }())
        .shape(shapeOf)
        .kernel(kernelOf)
        .cost(costOf)
        .example({{5, 4, 3}});
}

} // namespace nn::layers
