#include "nn/layers/support/merging.h"

namespace nn::layers {

namespace {

struct Minimum {};
using Definition = DefineLayer<Minimum>;

Definition::Shaped shapeOf(const Minimum& /*options*/, Definition::Inputs inputs) {
    return broadcastShape("Minimum", inputs);
}

LayerCost costOf(const Minimum& /*options*/, Definition::Inputs inputs, const Shape& output) {
    return mergingCost(inputs, output);
}

std::shared_ptr<const Kernel> kernelOf(const Minimum& /*options*/, Definition::Inputs inputs,
                                       const Shape& output) {
    return mergingKernel(MergeOp::Minimum, inputs, output);
}

} // namespace

LayerDef minimum() {
    return Definition("Minimum", Category::Merging,
                      "Takes the smallest of several inputs value by value.")
        .help(
            "At each position the smallest value of all inputs is passed on; their shapes must be "
            "equal (an axis of size 1 is repeated to fit). Only the winner gets a gradient, equal "
            "winners share it. Useful where all of several branches must agree. No weights.")
        .formulas("along each axis the largest size of the inputs; the others must be equal or 1")
        .arity({.min = 2, .max = kManyInputs})
        .shape(shapeOf)
        .kernel(kernelOf)
        .cost(costOf)
        .example({{5, 4, 3}, {5, 4, 3}});
}

} // namespace nn::layers
