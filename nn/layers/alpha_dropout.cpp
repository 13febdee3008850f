#include "nn/layers/support/noise.h"
#include "nn/layers/support/shapes.h"

namespace nn::layers {

namespace {

struct AlphaDropout {
    double rate = 0.1;
    std::optional<std::vector<std::int64_t>> noiseShape;
    std::optional<std::int64_t> seed;
};
using Definition = DefineLayer<AlphaDropout>;

Definition::Shaped shapeOf(const AlphaDropout& options, Definition::Inputs inputs) {
    if (auto problem = noiseShapeProblem("AlphaDropout", options.noiseShape, inputs[0])) {
        return tl::unexpected(*problem);
    }
    return inputs[0];
}

LayerCost costOf(const AlphaDropout& /*options*/, Definition::Inputs /*inputs*/,
                 const Shape& output) {
    return {.otherOperations = saturatedProduct({elementsOrZero(output), 3})};
}

std::shared_ptr<const Kernel> kernelOf(const AlphaDropout& options, Definition::Inputs inputs,
                                       const Shape& /*output*/) {
    return dropoutKernel({.rate = options.rate,
                          .seed = options.seed,
                          .noiseShape = options.noiseShape,
                          .keepsMoments = true},
                         inputs[0]);
}

} // namespace

LayerDef alpha_dropout() {
    return Definition("AlphaDropout", Category::Regularization,
                      "The Dropout that goes with the activation selu.")
        .help("While training, random values are set to the floor of selu instead of zero, and all "
              "are shifted and scaled so that mean and variance stay as they were. Networks of "
              "selu layers normalise themselves only as long as this holds, so they take this "
              "layer in place of Dropout. When predicting, it does nothing. No weights.")
        .formulas("as the input")
        .param(&AlphaDropout::rate, "rate",
               [] {
                   ParamDetail detail = rateDetail("The fraction of values set to the floor of "
                                                   "selu. 0.05 to 0.1 are common.");
                   detail.maxExclusive = true; // Nothing would be left to scale.
                   return detail;
               }())
        .param(&AlphaDropout::noiseShape, "noise_shape", noiseShapeDetail())
        .param(&AlphaDropout::seed, "seed", seedDetail())
        .randomWhenTraining()
        .shape(shapeOf)
        .kernel(kernelOf)
        .cost(costOf)
        .example({{6, 5, 3}});
}

} // namespace nn::layers
