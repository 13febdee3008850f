#include "nn/layers/support/colours.h"

namespace nn::layers {

namespace {

struct RandomBrightness {
    std::vector<double> factor{0.2};
    std::vector<double> valueRange{0.0, 255.0};
    std::optional<std::int64_t> seed;
};
using Definition = DefineLayer<RandomBrightness>;

} // namespace

LayerDef random_brightness() {
    ParamDetail factor = factorDetail(
        -1.0, 1.0,
        "How much brighter, as a part of the range of values: from -f to f for one number f, or "
        "between two bounds. -1 is black, 1 white.");
    factor.required = true;
    return Definition("RandomBrightness", Category::Augmentation,
                      "Makes each image brighter or darker at random while training.")
        .help("While training, one random number is added to all values of an image, and the sums "
              "are cut off at the ends of value_range. The network learns not to rely on the "
              "light. When predicting, it does nothing.")
        .param(&RandomBrightness::factor, "factor", std::move(factor))
        .param(&RandomBrightness::valueRange, "value_range", valueRangeDetail())
        .param(&RandomBrightness::seed, "seed", augmentationSeedDetail())
        .randomWhenTraining()
        .shape([](const RandomBrightness&, Definition::Inputs inputs) {
            return augmentedShape("RandomBrightness", inputs[0]);
        })
        .kernel(
            [](const RandomBrightness& options, Definition::Inputs inputs, const Shape& output) {
                return augmentationKernel(
                    brightnessChange(factorRange(options.factor), valueRange(options.valueRange)),
                    options.seed, inputs[0], output);
            })
        .formulas("as the input")
        .example({{6, 5, 3}}, {{"factor", std::vector<double>{0.5}},
                               {"value_range", std::vector<double>{-1.0, 1.0}}});
}

} // namespace nn::layers
