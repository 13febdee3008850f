#include "nn/layers/support/noise.h"
#include "nn/layers/support/shapes.h"

namespace nn::layers {

namespace {

struct SpatialDropout1D {
    double rate = 0.5;
    std::optional<std::int64_t> seed;
};
using Definition = DefineLayer<SpatialDropout1D>;

Definition::Shaped shapeOf(const SpatialDropout1D& /*options*/, Definition::Inputs inputs) {
    if (inputs[0].rank() != 2) {
        return layerProblem(
            "SpatialDropout1D needs a sequence (steps, channels), but its input is " +
            shapeText(inputs[0]) + ". Put it before Flatten, or take Dropout.");
    }
    return inputs[0];
}

LayerCost costOf(const SpatialDropout1D& /*options*/, Definition::Inputs /*inputs*/,
                 const Shape& output) {
    return {.otherOperations = elementsOrZero(output)};
}

std::shared_ptr<const Kernel> kernelOf(const SpatialDropout1D& options, Definition::Inputs inputs,
                                       const Shape& /*output*/) {
    return dropoutKernel({.rate = options.rate,
                          .seed = options.seed,
                          .noiseShape = std::vector<std::int64_t>{kUnknown, 1, kUnknown}},
                         inputs[0]);
}

} // namespace

LayerDef spatial_dropout1d() {
    return Definition("SpatialDropout1D", Category::Regularization,
                      "Sets whole channels to zero while training.")
        .help("As Dropout, but what is set to zero is a whole channel of a sequence. Neighbouring "
              "values "
              "of a feature map are much alike, so dropping single ones hides little; "
              "dropping the map makes the network do without that feature. When predicting, it "
              "does nothing. Put it behind convolutions. No weights.")
        .formulas("as the input")
        .param(&SpatialDropout1D::rate, "rate", rateDetail("The fraction of channels set to zero."))
        .param(&SpatialDropout1D::seed, "seed", seedDetail())
        .randomWhenTraining()
        .shape(shapeOf)
        .kernel(kernelOf)
        .cost(costOf)
        .example({{6, 3}});
}

} // namespace nn::layers
