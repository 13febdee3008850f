#include "nn/layers/support/tones.h"

#include <algorithm>

namespace nn::layers {

namespace {

struct RandomPosterization {
    std::vector<std::int64_t> factor{4};
    std::vector<double> valueRange{0.0, 255.0};
    std::optional<std::int64_t> seed;
};
using Definition = DefineLayer<RandomPosterization>;

std::shared_ptr<const Kernel> kernelOf(const RandomPosterization& options,
                                       Definition::Inputs inputs, const Shape& output) {
    // One number is the upper bound; the lower one is a single bit.
    const std::int64_t least = options.factor.size() == 2 ? std::ranges::min(options.factor) : 1;
    const std::int64_t most = std::ranges::max(options.factor);
    return augmentationKernel(posterization(least, most, valueRange(options.valueRange)),
                              options.seed, inputs[0], output);
}

} // namespace

LayerDef random_posterization() {
    return Definition("RandomPosterization", Category::Augmentation,
                      "Reduces the number of colours of each image at random while training.")
        .help("While training, only the first bits of the eight of every value are kept, as when a "
              "picture is printed with few inks; how many is drawn for each image. It passes no "
              "gradient on, so it belongs before all layers that learn. When predicting, it does "
              "nothing.")
        .param(&RandomPosterization::factor, "factor",
               {.min = 1,
                .max = 8,
                .step = 1,
                .minCount = 1,
                .maxCount = 2,
                .help = "How many bits are kept: two bounds, of which the upper is not reached, or "
                        "one number for those from 1 to before it. Two equal numbers fix it.",
                .required = true})
        .param(&RandomPosterization::valueRange, "value_range", valueRangeDetail())
        .param(&RandomPosterization::seed, "seed", augmentationSeedDetail())
        .randomWhenTraining()
        .shape([](const RandomPosterization& options, Definition::Inputs inputs) {
            return rangedShape("RandomPosterization", inputs[0], options.valueRange);
        })
        .kernel(kernelOf)
        .formulas("as the input")
        .example({{6, 5, 3}}, {{"factor", std::vector<std::int64_t>{2, 5}},
                               {"value_range", std::vector<double>{-1.0, 1.0}}});
}

} // namespace nn::layers
