#include "nn/layers/support/noise.h"
#include "nn/layers/support/shapes.h"

namespace nn::layers {

namespace {

struct GaussianNoise {
    double stddev = 0.1;
    std::optional<std::int64_t> seed;
};
using Definition = DefineLayer<GaussianNoise>;

Definition::Shaped shapeOf(const GaussianNoise& /*options*/, Definition::Inputs inputs) {
    return inputs[0];
}

LayerCost costOf(const GaussianNoise& /*options*/, Definition::Inputs /*inputs*/,
                 const Shape& output) {
    return {.otherOperations = saturatedProduct({elementsOrZero(output), 20})};
}

std::shared_ptr<const Kernel> kernelOf(const GaussianNoise& options, Definition::Inputs /*inputs*/,
                                       const Shape& output) {
    return noiseKernel({.use = NoiseUse::Add, .deviation = options.stddev, .seed = options.seed},
                       output);
}

} // namespace

LayerDef gaussian_noise() {
    return Definition("GaussianNoise", Category::Regularization,
                      "Adds random noise to every value while training.")
        .help("While training, a random number of the normal distribution around 0 is added to "
              "each value, anew for every image and step. The network learns to look through "
              "noise and overfits less; as the first layer it is a simple augmentation. When "
              "predicting, it does nothing. No weights.")
        .formulas("as the input")
        .param(&GaussianNoise::stddev, "stddev",
               {.min = 0.0,
                .max = 1e6,
                .step = 0.05,
                .help = "The standard deviation of the noise. Compare it with the range of the "
                        "values: 0.1 is plain to see in images between 0 and 1.",
                .required = true})
        .param(&GaussianNoise::seed, "seed", seedDetail())
        .randomWhenTraining()
        .shape(shapeOf)
        .kernel(kernelOf)
        .cost(costOf)
        .example({{6, 5, 3}});
}

} // namespace nn::layers
