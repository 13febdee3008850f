#include "nn/layers/support/merging.h"

namespace nn::layers {

namespace {

struct Subtract {};
using Definition = DefineLayer<Subtract>;

Definition::Shaped shapeOf(const Subtract& /*options*/, Definition::Inputs inputs) {
    return broadcastShape("Subtract", inputs);
}

LayerCost costOf(const Subtract& /*options*/, Definition::Inputs inputs, const Shape& output) {
    return mergingCost(inputs, output);
}

std::shared_ptr<const Kernel> kernelOf(const Subtract& /*options*/, Definition::Inputs inputs,
                                       const Shape& output) {
    return mergingKernel(MergeOp::Subtract, inputs, output);
}

} // namespace

LayerDef subtract() {
    return Definition("Subtract", Category::Merging,
                      "Takes the second input away from the first, value by value.")
        .help("Computes first − second position by position; their shapes must be equal (an axis "
              "of size 1 is repeated to fit). Comparing two branches this way shows what they see "
              "differently, as in networks that judge whether two images show the same thing. No "
              "weights.")
        .formulas("along each axis the largest size of the inputs; the others must be equal or 1")
        .arity({.min = 2, .max = 2})
        .shape(shapeOf)
        .kernel(kernelOf)
        .cost(costOf)
        .example({{5, 4, 3}, {5, 4, 3}});
}

} // namespace nn::layers
