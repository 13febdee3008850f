#include "nn/layers/support/merging.h"

namespace nn::layers {

namespace {

struct Multiply {};
using Definition = DefineLayer<Multiply>;

Definition::Shaped shapeOf(const Multiply& /*options*/, Definition::Inputs inputs) {
    return broadcastShape("Multiply", inputs);
}

LayerCost costOf(const Multiply& /*options*/, Definition::Inputs inputs, const Shape& output) {
    return mergingCost(inputs, output);
}

std::shared_ptr<const Kernel> kernelOf(const Multiply& /*options*/, Definition::Inputs inputs,
                                       const Shape& output) {
    return mergingKernel(MergeOp::Multiply, inputs, output);
}

} // namespace

LayerDef multiply() {
    return Definition("Multiply", Category::Merging, "Multiplies several inputs value by value.")
        .help("Multiplies its inputs position by position; their shapes must be equal (an axis of "
              "size 1 is repeated to fit). With one input between 0 and 1 it is a gate: "
              "squeeze-and-excitation blocks weigh each channel of an image by a number computed "
              "from the whole image. No weights.")
        .formulas("along each axis the largest size of the inputs; the others must be equal or 1")
        .arity({.min = 2, .max = kManyInputs})
        .shape(shapeOf)
        .kernel(kernelOf)
        .cost(costOf)
        .example({{5, 4, 3}, {5, 4, 3}});
}

} // namespace nn::layers
