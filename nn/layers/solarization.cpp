#include "nn/layers/support/tones.h"

namespace nn::layers {

namespace {

struct Solarization {
    std::vector<double> additionFactor{0.0};
    std::vector<double> thresholdFactor{0.0};
    std::vector<double> valueRange{0.0, 255.0};
    std::optional<std::int64_t> seed;
};
using Definition = DefineLayer<Solarization>;

/// One number is the upper bound, from 0.
FactorRange upTo(const std::vector<double>& factor) {
    return factorRange(factor, 0.0);
}

} // namespace

LayerDef solarization() {
    return Definition("Solarization", Category::Augmentation,
                      "Turns the light parts of each image into their negative while training.")
        .help("While training, a part of the range of values is added to an image, and every value "
              "that is not below a threshold then is replaced by its negative; both are drawn for "
              "each image. With the defaults the whole image becomes its negative. When "
              "predicting, it does nothing.")
        .param(&Solarization::additionFactor, "addition_factor",
               factorDetail(0.0, 1.0,
                            "What is added first, as a part of the range of values: drawn from 0 "
                            "to it for one number, or between two bounds."))
        .param(&Solarization::thresholdFactor, "threshold_factor",
               factorDetail(0.0, 1.0,
                            "From which part of the range on values are replaced: drawn from 0 to "
                            "it for one number, or between two bounds."))
        .param(&Solarization::valueRange, "value_range", valueRangeDetail())
        .param(&Solarization::seed, "seed", augmentationSeedDetail())
        .randomWhenTraining()
        .shape([](const Solarization& options, Definition::Inputs inputs) {
            return rangedShape("Solarization", inputs[0], options.valueRange);
        })
        .kernel([](const Solarization& options, Definition::Inputs inputs, const Shape& output) {
            return augmentationKernel(nn::solarization(upTo(options.additionFactor),
                                                       upTo(options.thresholdFactor),
                                                       valueRange(options.valueRange)),
                                      options.seed, inputs[0], output);
        })
        .formulas("as the input")
        .example({{6, 5, 3}}, {{"addition_factor", std::vector<double>{0.2}},
                               {"threshold_factor", std::vector<double>{0.4, 0.6}},
                               {"value_range", std::vector<double>{-1.0, 1.0}}});
}

} // namespace nn::layers
