#include "nn/layers/support/colours.h"

namespace nn::layers {

namespace {

struct RandomColorDegeneration : ColourArguments {};
using Definition = DefineLayer<RandomColorDegeneration>;

Definition::Shaped shapeOf(const RandomColorDegeneration& options, Definition::Inputs inputs) {
    static_cast<void>(options);
    return colouredShape("RandomColorDegeneration", inputs[0]);
}

std::shared_ptr<const Kernel> kernelOf(const RandomColorDegeneration& options,
                                       Definition::Inputs inputs, const Shape& output) {
    return augmentationKernel(
        colourLoss(factorRange(options.factor, 0.0), valueRange(options.valueRange)), options.seed,
        inputs[0], output);
}

} // namespace

LayerDef random_color_degeneration() {
    Definition definition("RandomColorDegeneration", Category::Augmentation,
                          "Mixes each image with its grey version at random while training.");
    addColourArguments(
        definition.help("While training, an image is mixed with its own grey version; how much of "
                        "it is drawn for each image, and the results are cut off at the ends of "
                        "value_range. Colours become duller, brightness stays. Needs red, green "
                        "and blue. When predicting, it does nothing."),
        factorDetail(0.0, 1.0,
                     "The part of the grey version: from 0 to f for one number f, or between two "
                     "bounds. 1 is grey."));
    return colourLayer(definition, shapeOf, kernelOf, {0.3, 0.6});
}

} // namespace nn::layers
