#include "nn/layers/support/warp.h"

namespace nn::layers {

namespace {

struct RandomRotation : WarpArguments {
    std::vector<double> factor{0.05};
};
using Definition = DefineLayer<RandomRotation>;

std::shared_ptr<const Kernel> kernelOf(const RandomRotation& options, Definition::Inputs inputs,
                                       const Shape& output) {
    return warpKernel(options, inputs[0], rotationDraw(factorRange(options.factor), output));
}

} // namespace

LayerDef random_rotation() {
    Definition definition("RandomRotation", Category::Augmentation,
                          "Turns each image by a random angle while training.");
    definition
        .help("While training, each image is turned around its middle by a random angle. Small "
              "angles, such as 0.03 of a turn (11°), suit photographs and digits; whole turns "
              "suit images without an up, as from a microscope. When predicting, it does nothing.")
        .param(&RandomRotation::factor, "factor",
               [] {
                   ParamDetail detail = factorDetail(-1.0, 1.0,
                                                     "The angle as a part of a whole turn: from -f "
                                                     "to f for one number f, or between "
                                                     "two bounds. Positive is counter-clockwise.");
                   detail.required = true;
                   return detail;
               }())
        .with(addWarpArguments<RandomRotation>)
        .randomWhenTraining()
        .shape([](const RandomRotation&, Definition::Inputs inputs) {
            return augmentedShape("RandomRotation", inputs[0]);
        })
        .kernel(kernelOf)
        .formulas("as the input")
        .example({{6, 5, 3}}, {{"factor", std::vector<double>{0.2}}});
    return definition;
}

} // namespace nn::layers
