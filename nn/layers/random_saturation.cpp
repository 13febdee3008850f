#include "nn/layers/support/colours.h"

namespace nn::layers {

namespace {

struct RandomSaturation : ColourArguments {};
using Definition = DefineLayer<RandomSaturation>;

Definition::Shaped shapeOf(const RandomSaturation& options, Definition::Inputs inputs) {
    return rangedShape("RandomSaturation", inputs[0], options.valueRange)
        .and_then([&](const Shape& image) { return colouredShape("RandomSaturation", image); });
}

std::shared_ptr<const Kernel> kernelOf(const RandomSaturation& options, Definition::Inputs inputs,
                                       const Shape& output) {
    return augmentationKernel(saturationChange(factorRange(options.factor, 0.0)), options.seed,
                              inputs[0], output);
}

} // namespace

LayerDef random_saturation() {
    Definition definition(
        "RandomSaturation", Category::Augmentation,
        "Makes the colours of each image stronger or duller at random while training.");
    addColourArguments(
        definition.help(
            "While training, the distance of the colours of an image from grey is multiplied with "
            "f / (1 − f), where f is drawn for the image: 0 makes it grey, 0.5 leaves it as it is, "
            "and towards 1 colours become as strong as they can be. The brightest channel of a "
            "pixel stays. Needs red, green and blue. When predicting, it does nothing."),
        factorDetail(0.0, 1.0,
                     "Where f is drawn from: 0 to it for one number, or two bounds. 0.5 changes "
                     "nothing."));
    return colourLayer(definition, shapeOf, kernelOf, {0.3, 0.6});
}

} // namespace nn::layers
