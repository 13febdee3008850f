#include "nn/layers/support/augmentation.h"
#include "nn/layers/support/blur.h"

#include <algorithm>

namespace nn::layers {

namespace {

struct RandomGaussianBlur {
    std::vector<double> factor{1.0};
    std::vector<std::int64_t> kernelSize{3};
    std::vector<double> sigma{1.0};
    std::vector<double> valueRange{0.0, 255.0};
    std::optional<std::int64_t> seed;
};
using Definition = DefineLayer<RandomGaussianBlur>;

/// Weights that slide over the columns and the rows of an image.
struct BlurWeights {
    std::vector<float> across;
    std::vector<float> down;
};

/// Blurs some images, and cuts all off at the ends of the range.
class GaussianBlur final : public Augmentation {
public:
    GaussianBlur(const RandomGaussianBlur& options, const Shape& image, BlurWeights weights)
        : m_image(image), m_probability(factorRange(options.factor, 0.0)),
          m_range(valueRange(options.valueRange)), m_weights(std::move(weights)) {}

    void apply(RandomSequence& random, std::span<const float> image,
               std::span<float> result) const override {
        blurred(isDrawn(random), image, result);
        std::ranges::transform(result, result.begin(), [this](float value) {
            return std::clamp(value, m_range.least, m_range.most);
        });
    }
    void applyBackward(RandomSequence& random, std::span<const float> image,
                       std::span<const float> resultGradient,
                       std::span<float> imageGradient) const override {
        const bool blurs = isDrawn(random);
        std::vector<float> passed(image.size());
        blurred(blurs, image, passed);
        std::ranges::transform(
            passed, resultGradient, passed.begin(), [this](float value, float gradient) {
                return value < m_range.least || value > m_range.most ? 0.0F : gradient;
            });
        blurred(blurs, passed, imageGradient);
    }

private:
    [[nodiscard]] bool isDrawn(RandomSequence& random) const {
        const double probability = m_probability.draw(random);
        return random.uniform() < probability;
    }
    void blurred(bool blurs, std::span<const float> values, std::span<float> result) const {
        if (blurs) {
            blur(m_image, m_weights.across, m_weights.down, values, result);
        } else {
            std::ranges::copy(values, result.begin());
        }
    }

    Shape m_image;
    FactorRange m_probability;
    ValueRange m_range;
    BlurWeights m_weights;
};

Definition::Shaped shapeOf(const RandomGaussianBlur& options, Definition::Inputs inputs) {
    if (std::ranges::any_of(options.kernelSize, [](std::int64_t size) { return size % 2 == 0; })) {
        return layerProblem("RandomGaussianBlur needs odd numbers for kernel_size, so that a pixel "
                            "lies in the middle of its window, but received " +
                                pythonText(ParamValue(options.kernelSize)) + ".",
                            "kernel_size");
    }
    return augmentedShape("RandomGaussianBlur", inputs[0]);
}

std::shared_ptr<const Kernel> kernelOf(const RandomGaussianBlur& options, Definition::Inputs inputs,
                                       const Shape& /*output*/) {
    const auto draw = [options, image = inputs[0]](RandomSequence& random) {
        constexpr double kLeast = 1e-6; // as in Keras, so that nothing is divided by 0
        const FactorRange sigma = factorRange(options.sigma, 0.0);
        BlurWeights weights;
        weights.across = gaussianWeights(options.kernelSize.front(), sigma.draw(random) + kLeast);
        weights.down = gaussianWeights(options.kernelSize.back(), sigma.draw(random) + kLeast);
        return std::make_shared<GaussianBlur>(options, image, std::move(weights));
    };
    return augmentationKernel(draw, options.seed, inputs[0]);
}

} // namespace

LayerDef random_gaussian_blur() {
    return Definition("RandomGaussianBlur", Category::Augmentation,
                      "Blurs some images at random while training.")
        .help("While training, images are blurred with a random probability: every pixel becomes a "
              "mean of its surroundings, weighed by a bell curve whose width is drawn for the "
              "batch. Around the image there are zeros, so its border becomes darker. The results "
              "are cut off at the ends of value_range. When predicting, it does nothing.")
        .param(
            &RandomGaussianBlur::factor, "factor",
            factorDetail(0.0, 1.0,
                         "How probable it is: two bounds from which the probability is drawn for "
                         "each image, or one number for a probability from 0 to it."))
        .param(&RandomGaussianBlur::kernelSize, "kernel_size",
               {.min = 1,
                .max = 99,
                .step = 2,
                .minCount = 1,
                .maxCount = 2,
                .help = "How many pixels are mixed, an odd number: across and down alike, or one "
                        "number for each."})
        .param(&RandomGaussianBlur::sigma, "sigma",
               factorDetail(0.0, 1.0,
                            "The deviation of the bell curve in pixels: from 0 to it for one "
                            "number, or between two bounds. Drawn across and down."))
        .param(&RandomGaussianBlur::valueRange, "value_range", valueRangeDetail())
        .param(&RandomGaussianBlur::seed, "seed", augmentationSeedDetail())
        .randomWhenTraining()
        .shape(shapeOf)
        .kernel(kernelOf)
        .formulas("as the input")
        .example({{6, 5, 3}}, {{"factor", std::vector<double>{0.7, 1.0}},
                               {"value_range", std::vector<double>{-1.0, 1.0}}});
}

} // namespace nn::layers
