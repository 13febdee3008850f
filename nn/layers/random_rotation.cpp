#include "nn/layers/support/warp.h"

#include <cmath>
#include <numbers>

namespace nn::layers {

namespace {

struct RandomRotation : WarpArguments {
    std::vector<double> factor{0.05};
};
using Definition = DefineLayer<RandomRotation>;

/// Turns the content counter-clockwise around the middle of the image.
AffineMap rotation(double angle, double lastColumn, double lastRow) {
    const double cosine = std::cos(angle);
    const double sine = std::sin(angle);
    return {.ax = cosine,
            .ay = -sine,
            .a = (lastColumn - (cosine * lastColumn - sine * lastRow)) / 2.0,
            .bx = sine,
            .by = cosine,
            .b = (lastRow - (sine * lastColumn + cosine * lastRow)) / 2.0};
}

std::shared_ptr<const Kernel> kernelOf(const RandomRotation& options, Definition::Inputs inputs,
                                       const Shape& output) {
    const FactorRange turns = factorRange(options.factor);
    const auto lastColumn = static_cast<double>(output[1] - 1);
    const auto lastRow = static_cast<double>(output[0] - 1);
    return warpKernel(options, inputs[0], [=](RandomSequence& random) {
        const double angle = 2.0 * std::numbers::pi * turns.draw(random);
        return rotation(angle, lastColumn, lastRow);
    });
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
        .example({{6, 5, 3}}, {{"factor", std::vector<double>{0.2}}});
    return definition;
}

} // namespace nn::layers
