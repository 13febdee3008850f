#include "nn/layers/support/warp.h"

namespace nn::layers {

namespace {

struct RandomShear : WarpArguments {
    std::vector<double> xFactor{0.0};
    std::vector<double> yFactor{0.0};
};
using Definition = DefineLayer<RandomShear>;

std::shared_ptr<const Kernel> kernelOf(const RandomShear& options, Definition::Inputs inputs,
                                       const Shape& /*output*/) {
    return warpKernel(options, inputs[0],
                      shearDraw(factorRange(options.xFactor), factorRange(options.yFactor)));
}

} // namespace

LayerDef random_shear() {
    Definition definition("RandomShear", Category::Augmentation,
                          "Slants each image at random while training.");
    definition
        .help("While training, each row of an image is shifted in proportion to its distance from "
              "the top, or each column from the left: upright things become slanted, as in "
              "handwriting. When predicting, it does nothing.")
        .param(&RandomShear::xFactor, "x_factor",
               factorDetail(0.0, 1.0,
                            "Pixels of shift to the side per row: up to f for one number f, or "
                            "between two bounds."))
        .param(&RandomShear::yFactor, "y_factor",
               factorDetail(0.0, 1.0,
                            "Pixels of shift down per column: up to f for one number f, or between "
                            "two bounds."))
        .with(addWarpArguments<RandomShear>)
        .randomWhenTraining()
        .shape([](const RandomShear&, Definition::Inputs inputs) {
            return augmentedShape("RandomShear", inputs[0]);
        })
        .kernel(kernelOf)
        .formulas("as the input")
        .example({{6, 5, 3}}, {{"x_factor", std::vector<double>{0.3}},
                               {"y_factor", std::vector<double>{0.1, 0.2}}});
    return definition;
}

} // namespace nn::layers
