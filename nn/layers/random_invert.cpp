#include "nn/layers/support/augmentation.h"

#include <algorithm>

namespace nn::layers {

namespace {

struct RandomInvert {
    std::vector<double> factor{1.0};
    std::vector<double> valueRange{0.0, 255.0};
    std::optional<std::int64_t> seed;
};
using Definition = DefineLayer<RandomInvert>;

class Inversion final : public Augmentation {
public:
    explicit Inversion(const RandomInvert& options)
        : m_factor(factorRange(options.factor, 0.0)),
          m_most(static_cast<float>(options.valueRange[1])) {}

    void apply(RandomSequence& random, std::span<const float> image,
               std::span<float> result) const override {
        const bool inverts = drawn(random);
        std::ranges::transform(image, result.begin(),
                               [&](float value) { return inverts ? m_most - value : value; });
    }
    void applyBackward(RandomSequence& random, std::span<const float> /*image*/,
                       std::span<const float> resultGradient,
                       std::span<float> imageGradient) const override {
        const float sign = drawn(random) ? -1.0F : 1.0F;
        std::ranges::transform(resultGradient, imageGradient.begin(),
                               [sign](float gradient) { return sign * gradient; });
    }

private:
    [[nodiscard]] bool drawn(RandomSequence& random) const {
        const double probability = m_factor.draw(random);
        return random.uniform() < probability;
    }

    FactorRange m_factor;
    float m_most;
};

} // namespace

LayerDef random_invert() {
    return Definition("RandomInvert", Category::Augmentation,
                      "Turns some images into their negative while training.")
        .help("While training, an image is replaced by its negative with a random probability: "
              "each value becomes the largest possible value minus itself. When predicting, it "
              "does nothing.")
        .param(
            &RandomInvert::factor, "factor",
            factorDetail(0.0, 1.0,
                         "How probable it is: two bounds from which the probability is drawn for "
                         "each image, or one number for a probability from 0 to it."))
        .param(&RandomInvert::valueRange, "value_range", valueRangeDetail())
        .param(&RandomInvert::seed, "seed", augmentationSeedDetail())
        .randomWhenTraining()
        .shape([](const RandomInvert&, Definition::Inputs inputs) {
            return augmentedShape("RandomInvert", inputs[0]);
        })
        .kernel([](const RandomInvert& options, Definition::Inputs inputs, const Shape& output) {
            return augmentationKernel(std::make_shared<Inversion>(options), options.seed, inputs[0],
                                      output);
        })
        .formulas("as the input")
        .example({{6, 5, 3}}, {{"value_range", std::vector<double>{0.0, 1.0}}});
}

} // namespace nn::layers
