#include "nn/layers/support/warp.h"

namespace nn::layers {

namespace {

struct RandomTranslation : WarpArguments {
    std::vector<double> heightFactor{0.1};
    std::vector<double> widthFactor{0.1};
};
using Definition = DefineLayer<RandomTranslation>;

std::shared_ptr<const Kernel> kernelOf(const RandomTranslation& options, Definition::Inputs inputs,
                                       const Shape& output) {
    return warpKernel(options, inputs[0],
                      translationDraw(factorRange(options.heightFactor),
                                      factorRange(options.widthFactor), output));
}

} // namespace

LayerDef random_translation() {
    Definition definition("RandomTranslation", Category::Augmentation,
                          "Shifts each image by a random distance while training.");
    definition
        .help("While training, each image is moved by a random part of its height and width, so "
              "that the network learns that position does not matter. What the shift leaves "
              "empty is filled as fill_mode says. When predicting, it does nothing.")
        .param(&RandomTranslation::heightFactor, "height_factor",
               factorDetail(-1.0, 1.0,
                            "How far down, as a part of the height: from -f to f for "
                            "one number f, or between two bounds. Negative is up."))
        .param(&RandomTranslation::widthFactor, "width_factor",
               factorDetail(-1.0, 1.0,
                            "How far to the right, as a part of the width: from -f to f for one "
                            "number f, or between two bounds. Negative is left."))
        .with(addWarpArguments<RandomTranslation>)
        .randomWhenTraining()
        .shape([](const RandomTranslation&, Definition::Inputs inputs) {
            return augmentedShape("RandomTranslation", inputs[0]);
        })
        .kernel(kernelOf)
        .formulas("as the input")
        .example({{6, 5, 3}}, {{"height_factor", std::vector<double>{0.35}}});
    return definition;
}

} // namespace nn::layers
