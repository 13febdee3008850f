#include "nn/layers/support/augmentation.h"

#include <algorithm>
#include <cmath>

namespace nn::layers {

namespace {

struct RandomErasing {
    std::vector<double> factor{1.0};
    std::vector<double> scale{0.02, 0.33};
    std::optional<std::vector<double>> fillValue;
    std::vector<double> valueRange{0.0, 255.0};
    std::optional<std::int64_t> seed;
};
using Definition = DefineLayer<RandomErasing>;

class Erasing final : public Augmentation {
public:
    Erasing(const RandomErasing& options, const Shape& image)
        : m_options(options), m_height(image[0]), m_width(image[1]), m_channels(image[2]) {}

    void apply(RandomSequence& random, std::span<const float> image,
               std::span<float> result) const override {
        std::ranges::copy(image, result.begin());
        const Patch patch = drawn(random);
        eachRow(patch, [&](std::size_t first, std::size_t count) {
            std::size_t channel = 0;
            for (float& value : result.subspan(first, count)) {
                value = filler(random, channel);
                channel = (channel + 1) % static_cast<std::size_t>(m_channels);
            }
        });
    }
    void applyBackward(RandomSequence& random, std::span<const float> /*image*/,
                       std::span<const float> resultGradient,
                       std::span<float> imageGradient) const override {
        std::ranges::copy(resultGradient, imageGradient.begin());
        eachRow(drawn(random), [&](std::size_t first, std::size_t count) {
            std::ranges::fill(imageGradient.subspan(first, count), 0.0F);
        });
    }

private:
    /// Pixels from `left` to before `right`, from `top` to before `bottom`.
    struct Patch {
        std::int64_t left = 0;
        std::int64_t right = 0;
        std::int64_t top = 0;
        std::int64_t bottom = 0;
    };

    /// The whole pixels p with start ≤ p < start + length.
    static std::pair<std::int64_t, std::int64_t> pixels(double start, double length) {
        return {static_cast<std::int64_t>(std::ceil(start)),
                static_cast<std::int64_t>(std::ceil(start + length))};
    }
    [[nodiscard]] Patch drawn(RandomSequence& random) const {
        const FactorRange scale = factorRange(m_options.scale, 0.0);
        const auto wide = std::sqrt(scale.draw(random)) * static_cast<double>(m_width);
        const auto tall = std::sqrt(scale.draw(random)) * static_cast<double>(m_height);
        const auto [left, right] =
            pixels(random.uniform() * (static_cast<double>(m_width) - wide), wide);
        const auto [top, bottom] =
            pixels(random.uniform() * (static_cast<double>(m_height) - tall), tall);
        const double probability = factorRange(m_options.factor, 0.0).draw(random);
        if (random.uniform() >= probability) {
            return {};
        }
        return {left, std::min(right, m_width), top, std::min(bottom, m_height)};
    }
    template <typename Visit>
    void eachRow(const Patch& patch, const Visit& visit) const {
        for (std::int64_t row = patch.top; row < patch.bottom; ++row) {
            visit(static_cast<std::size_t>((row * m_width + patch.left) * m_channels),
                  static_cast<std::size_t>((patch.right - patch.left) * m_channels));
        }
    }
    [[nodiscard]] float filler(RandomSequence& random, std::size_t channel) const {
        const auto [least, most] = std::ranges::minmax(m_options.valueRange);
        if (!m_options.fillValue) {
            return static_cast<float>(
                std::clamp(random.normal() * m_options.valueRange[1], least, most));
        }
        const std::vector<double>& given = *m_options.fillValue;
        return static_cast<float>(std::clamp(given[channel % given.size()], least, most));
    }

    RandomErasing m_options;
    std::int64_t m_height;
    std::int64_t m_width;
    std::int64_t m_channels;
};

Definition::Shaped shapeOf(const RandomErasing& options, Definition::Inputs inputs) {
    auto shape = augmentedShape("RandomErasing", inputs[0]);
    const bool isOne = !options.fillValue || options.fillValue->size() == 1;
    if (shape && !isOne && static_cast<std::int64_t>(options.fillValue->size()) != (*shape)[2]) {
        return layerProblem("RandomErasing has " + std::to_string(options.fillValue->size()) +
                                " fill values, but the image has " + std::to_string((*shape)[2]) +
                                " channels. Give one number, or one for each channel.",
                            "fill_value");
    }
    return shape;
}

} // namespace

LayerDef random_erasing() {
    return Definition("RandomErasing", Category::Augmentation,
                      "Covers a random rectangle of each image while training.")
        .help("While training, a rectangle at a random place of each image is replaced by noise or "
              "a fixed colour, so that the network learns to recognise things that are partly "
              "hidden (Zhong et al. 2017). When predicting, it does nothing.")
        .param(
            &RandomErasing::factor, "factor",
            factorDetail(0.0, 1.0,
                         "How probable it is: two bounds from which the probability is drawn for "
                         "each image, or one number for a probability from 0 to it."))
        .param(&RandomErasing::scale, "scale",
               factorDetail(0.0, 1.0,
                            "The part of the image that the rectangle covers: two bounds, of whose "
                            "draw the root is the part of each side."))
        .param(&RandomErasing::fillValue, "fill_value",
               {.min = -1e6,
                .max = 1e6,
                .minCount = 1,
                .maxCount = 4,
                .help = "What covers the rectangle: one number, or one for each channel. None "
                        "takes noise."})
        .param(&RandomErasing::valueRange, "value_range", valueRangeDetail())
        .param(&RandomErasing::seed, "seed", augmentationSeedDetail())
        .randomWhenTraining()
        .shape(shapeOf)
        .kernel([](const RandomErasing& options, Definition::Inputs inputs, const Shape& output) {
            return augmentationKernel(std::make_shared<Erasing>(options, output), options.seed,
                                      inputs[0], output);
        })
        .formulas("as the input")
        .example({{6, 5, 3}}, {{"value_range", std::vector<double>{-1.0, 1.0}}});
}

} // namespace nn::layers
