#include "nn/layers/support/warp.h"

namespace nn::layers {

namespace {

struct RandomZoom : WarpArguments {
    std::vector<double> heightFactor{0.1};
    std::optional<std::vector<double>> widthFactor;
};
using Definition = DefineLayer<RandomZoom>;

std::shared_ptr<const Kernel> kernelOf(const RandomZoom& options, Definition::Inputs inputs,
                                       const Shape& output) {
    const FactorRange down = factorRange(options.heightFactor);
    std::optional<FactorRange> across;
    if (options.widthFactor) {
        across = factorRange(*options.widthFactor);
    }
    const auto lastColumn = static_cast<double>(output[1] - 1);
    const auto lastRow = static_cast<double>(output[0] - 1);
    return warpKernel(options, inputs[0], [=](RandomSequence& random) {
        const double tall = 1.0 + down.draw(random);
        const double wide = across ? 1.0 + across->draw(random) : tall;
        return PlaneMap{.ax = wide,
                        .a = lastColumn / 2.0 * (1.0 - wide),
                        .by = tall,
                        .b = lastRow / 2.0 * (1.0 - tall)};
    });
}

} // namespace

LayerDef random_zoom() {
    Definition definition("RandomZoom", Category::Augmentation,
                          "Enlarges or shrinks each image at random while training.");
    definition
        .help("While training, each image is made larger or smaller around its middle; its size "
              "in pixels stays, so parts are cut off or filled in. The network learns that "
              "things are the same near and far. When predicting, it does nothing.")
        .param(
            &RandomZoom::heightFactor, "height_factor",
            [] {
                ParamDetail detail = factorDetail(
                    -1.0, 1.0,
                    "How much more height is seen: from -f to f for one number f, or between two "
                    "bounds. 0.2 shows 20 % more (smaller things), -0.2 shows 20 % less.");
                detail.required = true;
                return detail;
            }())
        .param(&RandomZoom::widthFactor, "width_factor",
               factorDetail(-1.0, 1.0,
                            "The same for the width. None zooms both alike, so that nothing is "
                            "distorted."))
        .with(addWarpArguments<RandomZoom>)
        .randomWhenTraining()
        .shape([](const RandomZoom&, Definition::Inputs inputs) {
            return augmentedShape("RandomZoom", inputs[0]);
        })
        .kernel(kernelOf)
        .formulas("as the input")
        .example({{6, 5, 3}}, {{"height_factor", std::vector<double>{0.4}}});
    return definition;
}

} // namespace nn::layers
