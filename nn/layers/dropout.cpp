#include "nn/layers/support/noise.h"
#include "nn/layers/support/shapes.h"

namespace nn::layers {

namespace {

struct Dropout {
    double rate = 0.5;
    std::optional<std::vector<std::int64_t>> noiseShape;
    std::optional<std::int64_t> seed;
};
using Definition = DefineLayer<Dropout>;

Definition::Shaped shapeOf(const Dropout& options, Definition::Inputs inputs) {
    if (auto problem = noiseShapeProblem("Dropout", options.noiseShape, inputs[0])) {
        return tl::unexpected(*problem);
    }
    return inputs[0];
}

LayerCost costOf(const Dropout& /*options*/, Definition::Inputs /*inputs*/, const Shape& output) {
    return {.otherOperations = saturatedProduct({elementsOrZero(output), 1})};
}

std::shared_ptr<const Kernel> kernelOf(const Dropout& options, Definition::Inputs inputs,
                                       const Shape& /*output*/) {
    return dropoutKernel(
        {.rate = options.rate, .seed = options.seed, .noiseShape = options.noiseShape}, inputs[0]);
}

} // namespace

LayerDef dropout() {
    return Definition("Dropout", Category::Regularization,
                      "Sets random values to zero while training, so that nothing is learned by "
                      "heart.")
        .help("While training, each value is set to zero with probability rate, anew for every "
              "image and step; the others grow by 1 ÷ (1 − rate), so that the sum stays the same "
              "on average. The network cannot rely on any single value and overfits less. When "
              "predicting, it does nothing. Put it before large Dense layers. No weights.")
        .formulas("as the input")
        .param(&Dropout::rate, "rate",
               rateDetail("The fraction of values set to zero. 0.5 before Dense and 0.25 after "
                          "pooling are common; 0 switches it off."))
        .param(&Dropout::noiseShape, "noise_shape", noiseShapeDetail())
        .param(&Dropout::seed, "seed", seedDetail())
        .randomWhenTraining()
        .shape(shapeOf)
        .kernel(kernelOf)
        .cost(costOf)
        .example({{6, 5, 3}});
}

} // namespace nn::layers
