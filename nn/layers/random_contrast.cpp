#include "nn/layers/support/augmentation.h"

#include <Eigen/Core>
#include <algorithm>

namespace nn::layers {

namespace {

struct RandomContrast {
    std::vector<double> factor{0.2};
    std::vector<double> valueRange{0.0, 255.0};
    std::optional<std::int64_t> seed;
};
using Definition = DefineLayer<RandomContrast>;

using Pixels = Eigen::Array<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// (x − mean of the channel) · factor + mean, cut off at the ends of the range of values.
class Contrast final : public Augmentation {
public:
    Contrast(const RandomContrast& options, std::int64_t channels)
        : m_factor(factorRange(options.factor, 0.0)), m_channels(channels),
          m_least(static_cast<float>(std::ranges::min(options.valueRange))),
          m_most(static_cast<float>(std::ranges::max(options.valueRange))) {}

    void apply(RandomSequence& random, std::span<const float> image,
               std::span<float> result) const override {
        Eigen::Map<Pixels> target(result.data(), rows(image), m_channels);
        target = stretched(drawn(random), image).cwiseMax(m_least).cwiseMin(m_most);
    }
    void applyBackward(RandomSequence& random, std::span<const float> image,
                       std::span<const float> resultGradient,
                       std::span<float> imageGradient) const override {
        const float factor = drawn(random);
        const Pixels before = stretched(factor, image);
        const Eigen::Map<const Pixels> gradient(resultGradient.data(), rows(image), m_channels);
        const Pixels passed = (before > m_least && before < m_most)
                                  .select(gradient, Pixels::Zero(rows(image), m_channels));
        Eigen::Map<Pixels> target(imageGradient.data(), rows(image), m_channels);
        const Pixels means = passed.cast<double>().colwise().mean().cast<float>();
        target = factor * passed + (1.0F - factor) * means.replicate(rows(image), 1);
    }

private:
    [[nodiscard]] float drawn(RandomSequence& random) const {
        const FactorRange around{1.0 - m_factor.lower, 1.0 + m_factor.upper};
        return static_cast<float>(around.draw(random));
    }
    [[nodiscard]] std::int64_t rows(std::span<const float> image) const {
        return static_cast<std::int64_t>(image.size()) / m_channels;
    }
    [[nodiscard]] Pixels stretched(float factor, std::span<const float> image) const {
        const Eigen::Map<const Pixels> pixels(image.data(), rows(image), m_channels);
        const Pixels means = pixels.cast<double>().colwise().mean().cast<float>();
        const Pixels spread = means.replicate(rows(image), 1);
        return (pixels - spread) * factor + spread;
    }

    FactorRange m_factor;
    std::int64_t m_channels;
    float m_least;
    float m_most;
};

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
            return augmentationKernel(std::make_shared<Contrast>(options, output[2]), options.seed,
                                      inputs[0], output);
        })
        .example({{6, 5, 3}}, {{"factor", std::vector<double>{0.5, 0.8}},
                               {"value_range", std::vector<double>{-1.0, 1.0}}});
}

} // namespace nn::layers
