#include "nn/layers/support/mixing.h"

namespace nn::layers {

namespace {

struct MixUp {
    double alpha = 0.2;
    std::optional<std::int64_t> seed;
};
using Definition = DefineLayer<MixUp>;

std::shared_ptr<const Kernel> kernelOf(const MixUp& options, Definition::Inputs inputs,
                                       const Shape& /*output*/) {
    const MixDraw draw = [alpha = options.alpha](RandomSequence& random) {
        return Mix{.share = static_cast<float>(betaNumber(random, alpha))};
    };
    return mixingKernel([draw](RandomSequence&) { return draw; }, options.seed, inputs[0]);
}

} // namespace

LayerDef mix_up() {
    return Definition("MixUp", Category::Augmentation,
                      "Mixes each image with another of its batch while training.")
        .help("While training, an image becomes w times itself plus 1 − w times another image of "
              "its batch; w is drawn for each image from the beta distribution (Zhang et al. "
              "2017). As in a model of Keras, where a layer sees images only, labels stay those "
              "of the image itself: small alphas, whose w is mostly near 0 or 1, change them "
              "least where w is near 1. When predicting, it does nothing.")
        .param(&MixUp::alpha, "alpha",
               {.min = 0.0,
                .max = 1.0,
                .minExclusive = true,
                .step = 0.05,
                .help = "Both parameters of the beta distribution: small ones mix most images "
                        "hardly, 1 mixes all parts equally often."})
        .param(&MixUp::seed, "seed", augmentationSeedDetail())
        .randomWhenTraining()
        .mixesBatch()
        .shape([](const MixUp&, Definition::Inputs inputs) {
            return augmentedShape("MixUp", inputs[0]);
        })
        .kernel(kernelOf)
        .formulas("as the input")
        .example({{6, 5, 3}}, {{"alpha", 0.8}});
}

} // namespace nn::layers
