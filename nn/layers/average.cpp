#include "nn/layers/support/merging.h"

namespace nn::layers {

namespace {

struct Average {};
using Definition = DefineLayer<Average>;

Definition::Shaped shapeOf(const Average& /*options*/, Definition::Inputs inputs) {
    return broadcastShape("Average", inputs);
}

LayerCost costOf(const Average& /*options*/, Definition::Inputs inputs, const Shape& output) {
    return mergingCost(inputs, output);
}

std::shared_ptr<const Kernel> kernelOf(const Average& /*options*/, Definition::Inputs inputs,
                                       const Shape& output) {
    return mergingKernel(MergeOp::Average, inputs, output);
}

} // namespace

LayerDef average() {
    return Definition("Average", Category::Merging,
                      "Takes the mean of several inputs value by value.")
        .help("Adds its inputs position by position and divides by their number; their shapes must "
              "be equal (an axis of size 1 is repeated to fit). Unlike Add, values do not grow "
              "with the number of branches. Combines the opinions of several branches or networks. "
              "No weights.")
        .formulas("along each axis the largest size of the inputs; the others must be equal or 1")
        .arity({.min = 2, .max = kManyInputs})
        .shape(shapeOf)
        .kernel(kernelOf)
        .cost(costOf)
        .example({{5, 4, 3}, {5, 4, 3}});
}

} // namespace nn::layers
