#include "nn/layers/support/shapes.h"
#include "nn/layers/support/value_kernels.h"

namespace nn::layers {

namespace {

struct Softmax {
    std::int64_t axis = -1;
};
using Definition = DefineLayer<Softmax>;

Definition::Shaped shapeOf(const Softmax& options, Definition::Inputs inputs) {
    if (!axisIndex(options.axis, inputs[0].rank())) {
        return tl::unexpected(axisProblem("Softmax", options.axis, inputs[0]));
    }
    return inputs[0];
}

LayerCost costOf(const Softmax& /*options*/, Definition::Inputs /*inputs*/, const Shape& output) {
    return {.otherOperations = saturatedProduct({elementsOrZero(output), 3})};
}

std::shared_ptr<const Kernel> kernelOf(const Softmax& options, Definition::Inputs inputs,
                                       const Shape& output) {
    return rowActivationKernel(RowActivation::Softmax,
                               splitAround(output, *axisIndex(options.axis, inputs[0].rank())));
}

} // namespace

LayerDef softmax() {
    return Definition("Softmax", Category::Activation,
                      "Turns scores into probabilities that sum to 1.")
        .formulas("as the input")
        .help("Takes the exponential of every score and divides by their sum: all outputs lie "
              "between 0 and 1, sum to 1, and the largest score gets most. The end of a network "
              "that chooses one of several classes; the loss is then categorical cross-entropy. "
              "The argument activation='softmax' of the last Dense layer does the same. No "
              "weights.")
        .param(&Softmax::axis, "axis",
               axisDetail("The axis along which probabilities sum to 1. -1 is the last one, the "
                          "channels or classes; 0 is the batch and not allowed."))
        .shape(shapeOf)
        .kernel(kernelOf)
        .cost(costOf)
        .example({{4, 5}});
}

} // namespace nn::layers
