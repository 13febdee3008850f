#include "nn/layers/support/merging.h"

namespace nn::layers {

namespace {

struct Maximum {};
using Definition = DefineLayer<Maximum>;

Definition::Shaped shapeOf(const Maximum& /*options*/, Definition::Inputs inputs) {
    return broadcastShape("Maximum", inputs);
}

LayerCost costOf(const Maximum& /*options*/, Definition::Inputs inputs, const Shape& output) {
    return mergingCost(inputs, output);
}

std::shared_ptr<const Kernel> kernelOf(const Maximum& /*options*/, Definition::Inputs inputs,
                                       const Shape& output) {
    return mergingKernel(MergeOp::Maximum, inputs, output);
}

} // namespace

LayerDef maximum() {
    return Definition("Maximum", Category::Merging,
                      "Takes the largest of several inputs value by value.")
        .help("At each position the largest value of all inputs is passed on; their shapes must be "
              "equal (an axis of size 1 is repeated to fit). Only the winner gets a gradient, "
              "equal winners share it. Useful where one of several branches finding something is "
              "enough. No weights.")
        .formulas("along each axis the largest size of the inputs; the others must be equal or 1")
        .arity({.min = 2, .max = kManyInputs})
        .shape(shapeOf)
        .kernel(kernelOf)
        .cost(costOf)
        .example({{5, 4, 3}, {5, 4, 3}});
}

} // namespace nn::layers
