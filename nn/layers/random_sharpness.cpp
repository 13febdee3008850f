#include "nn/layers/support/colours.h"
#include "nn/layers/support/tones.h"

namespace nn::layers {

namespace {

struct RandomSharpness : ColourArguments {};
using Definition = DefineLayer<RandomSharpness>;

Definition::Shaped shapeOf(const RandomSharpness& options, Definition::Inputs inputs) {
    static_cast<void>(options);
    return augmentedShape("RandomSharpness", inputs[0]);
}

std::shared_ptr<const Kernel> kernelOf(const RandomSharpness& options, Definition::Inputs inputs,
                                       const Shape& output) {
    return augmentationKernel(sharpnessChange(factorRange(options.factor, 0.0),
                                              valueRange(options.valueRange), inputs[0]),
                              options.seed, inputs[0], output);
}

} // namespace

LayerDef random_sharpness() {
    Definition definition("RandomSharpness", Category::Augmentation,
                          "Blurs or sharpens each image at random while training.");
    addColourArguments(
        definition.help("While training, an image is mixed with a blurred version of itself, or "
                        "moved away from it, by a number f that is drawn for each image: 0 is "
                        "blurred, 0.5 unchanged, 1 sharpened. Each pixel of the blurred version is "
                        "a mean of nine, its own weighing five times as much; the results are cut "
                        "off at the ends of value_range. When predicting, it does nothing."),
        factorDetail(0.0, 1.0,
                     "Where f is drawn from: 0 to it for one number, or two bounds. 0.5 changes "
                     "nothing."));
    return colourLayer(definition, shapeOf, kernelOf, {0.1, 0.9});
}

} // namespace nn::layers
