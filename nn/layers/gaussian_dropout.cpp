#include "nn/layers/support/noise.h"
#include "nn/layers/support/shapes.h"

#include <cmath>

namespace nn::layers {

namespace {

struct GaussianDropout {
    double rate = 0.5;
    std::optional<std::int64_t> seed;
};
using Definition = DefineLayer<GaussianDropout>;

Definition::Shaped shapeOf(const GaussianDropout& /*options*/, Definition::Inputs inputs) {
    return inputs[0];
}

LayerCost costOf(const GaussianDropout& /*options*/, Definition::Inputs /*inputs*/,
                 const Shape& output) {
    return {.otherOperations = saturatedProduct({elementsOrZero(output), 20})};
}

std::shared_ptr<const Kernel> kernelOf(const GaussianDropout& options,
                                       Definition::Inputs /*inputs*/, const Shape& output) {
    return noiseKernel({.use = NoiseUse::Multiply,
                        .deviation = std::sqrt(options.rate / (1.0 - options.rate)),
                        .seed = options.seed},
                       output);
}

} // namespace

LayerDef gaussian_dropout() {
    return Definition("GaussianDropout", Category::Regularization,
                      "Multiplies every value by a random number around 1 while training.")
        .help("While training, each value is multiplied by a random number of the normal "
              "distribution around 1, with the variance that Dropout of the same rate would give: "
              "rate ÷ (1 − rate). Nothing is set to zero, so gradients reach every unit in every "
              "step. When predicting, it does nothing. No weights.")
        .formulas("as the input")
        .param(&GaussianDropout::rate, "rate",
               [] {
                   ParamDetail detail =
                       rateDetail("How strong the noise is, as the rate of a Dropout with the same "
                                  "variance.");
                   detail.maxExclusive = true; // The variance would be infinite.
                   return detail;
               }())
        .param(&GaussianDropout::seed, "seed", seedDetail())
        .randomWhenTraining()
        .shape(shapeOf)
        .kernel(kernelOf)
        .cost(costOf)
        .example({{6, 5, 3}});
}

} // namespace nn::layers
