#include "nn/layers/support/shapes.h"

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
        .cost(costOf)
        .example({{5, 4, 3}});
}

} // namespace nn::layers
