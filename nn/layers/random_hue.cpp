#include "nn/layers/support/colours.h"

namespace nn::layers {

namespace {

struct RandomHue : ColourArguments {};
using Definition = DefineLayer<RandomHue>;

Definition::Shaped shapeOf(const RandomHue& options, Definition::Inputs inputs) {
    return rangedShape("RandomHue", inputs[0], options.valueRange)
        .and_then([&](const Shape& image) { return colouredShape("RandomHue", image); });
}

std::shared_ptr<const Kernel> kernelOf(const RandomHue& options, Definition::Inputs inputs,
                                       const Shape& output) {
    return augmentationKernel(
        hueChange(factorRange(options.factor, 0.0), valueRange(options.valueRange)), options.seed,
        inputs[0], output);
}

} // namespace

LayerDef random_hue() {
    Definition definition("RandomHue", Category::Augmentation,
                          "Changes the colours of each image at random while training.");
    addColourArguments(
        definition.help(
            "While training, all colours of an image are turned on the circle of colours (red, "
            "yellow, green, cyan, blue, magenta) by the same random angle, to one side or the "
            "other: brightness and saturation stay. The network learns not to rely on exact "
            "colours. Needs red, green and blue. When predicting, it does nothing."),
        factorDetail(0.0, 1.0,
                     "How far, as a part of half the circle: up to f for one number f, or between "
                     "two bounds. 1 can turn a colour into its opposite."));
    return colourLayer(definition, shapeOf, kernelOf, {0.3, 0.6});
}

} // namespace nn::layers
