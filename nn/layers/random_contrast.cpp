#include "nn/layers/support/colours.h"

namespace nn::layers {

namespace {

struct RandomContrast {
    std::vector<double> factor{0.2};
    std::vector<double> valueRange{0.0, 255.0};
    std::optional<std::int64_t> seed;
};
using Definition = DefineLayer<RandomContrast>;

} // namespace

LayerDef random_contrast() {
    ParamDetail factor = factorDetail(
        0.0, 1.0,
        "How much the contrast may change: two numbers a, b draw it from 1 − a to 1 + b, one "
        "number f from 1 to 1 + f.");
    factor.required = true;
    return Definition("RandomContrast", Category::Augmentation,
                      "Changes the contrast of each image at random while training.")
        .help("While training, the distance of every value from the mean of its channel is "
              "multiplied with one random number per image; the results are cut off at the ends "
              "of value_range. When predicting, it does nothing.")
        .param(&RandomContrast::factor, "factor", std::move(factor))
        .param(&RandomContrast::valueRange, "value_range", valueRangeDetail())
        .param(&RandomContrast::seed, "seed", augmentationSeedDetail())
        .randomWhenTraining()
        .shape([](const RandomContrast&, Definition::Inputs inputs) {
            return augmentedShape("RandomContrast", inputs[0]);
        })
        .kernel([](const RandomContrast& options, Definition::Inputs inputs, const Shape& output) {
            return augmentationKernel(contrastChange(factorRange(options.factor, 0.0),
                                                     valueRange(options.valueRange), output[2]),
                                      options.seed, inputs[0], output);
        })
        .formulas("as the input")
        .example({{6, 5, 3}}, {{"factor", std::vector<double>{0.5, 0.8}},
                               {"value_range", std::vector<double>{-1.0, 1.0}}});
}

} // namespace nn::layers
