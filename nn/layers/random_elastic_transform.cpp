#include "nn/layers/support/blur.h"
#include "nn/layers/support/warp.h"

#include <algorithm>

namespace nn::layers {

namespace {

struct RandomElasticTransform : WarpArguments {
    std::vector<double> factor{1.0};
    std::vector<double> scale{1.0};
    std::vector<double> valueRange{0.0, 255.0};
};
using Definition = DefineLayer<RandomElasticTransform>;

/// How far every pixel is moved, (height, width) each.
struct Displacement {
    std::vector<float> across;
    std::vector<float> down;
    std::int64_t width = 1;

    PixelPosition operator()(double x, double y) const {
        const auto at = static_cast<std::size_t>(y) * static_cast<std::size_t>(width) +
                        static_cast<std::size_t>(x);
        return {x + static_cast<double>(across[at]), y + static_cast<double>(down[at])};
    }
};

class ElasticTransform final : public Augmentation {
public:
    ElasticTransform(const RandomElasticTransform& options, const Shape& image, double strength)
        : m_sampler(options, image, image), m_field{image[0], image[1], 1},
          m_probability(factorRange(options.factor, 0.0)), m_range(valueRange(options.valueRange)) {
        m_deviation = 0.05 * strength * static_cast<double>(std::min(image[0], image[1]));
        m_distance = 0.1 * strength * static_cast<double>(std::max(image[0], image[1]));
        m_weights = gaussianWeights(static_cast<std::int64_t>(6.0 * m_deviation) | 1, m_deviation);
    }

    void apply(RandomSequence& random, std::span<const float> image,
               std::span<float> result) const override {
        moved(random, image, result);
        std::ranges::transform(result, result.begin(), [this](float value) {
            return std::clamp(value, m_range.least, m_range.most);
        });
    }
    void applyBackward(RandomSequence& random, std::span<const float> image,
                       std::span<const float> resultGradient,
                       std::span<float> imageGradient) const override {
        std::vector<float> passed(image.size());
        const std::optional<Displacement> field = moved(random, image, passed);
        std::ranges::transform(
            passed, resultGradient, passed.begin(), [this](float value, float gradient) {
                return value < m_range.least || value > m_range.most ? 0.0F : gradient;
            });
        if (field) {
            m_sampler.readBackward(*field, passed, imageGradient);
        } else {
            std::ranges::copy(passed, imageGradient.begin());
        }
    }

private:
    /// Writes the moved image; the field that moved it, or nothing where it was only copied.
    std::optional<Displacement> moved(RandomSequence& random, std::span<const float> image,
                                      std::span<float> result) const {
        const double probability = m_probability.draw(random);
        if (random.uniform() >= probability) {
            std::ranges::copy(image, result.begin());
            return std::nullopt;
        }
        Displacement field;
        field.width = m_field[1];
        field.across = smoothNoise(random);
        field.down = smoothNoise(random);
        m_sampler.read(field, image, result);
        return field;
    }
    [[nodiscard]] std::vector<float> smoothNoise(RandomSequence& random) const {
        std::vector<float> noise(static_cast<std::size_t>(m_field.count()));
        std::ranges::generate(
            noise, [&] { return static_cast<float>(random.normal() * m_deviation * m_distance); });
        std::vector<float> smooth(noise.size());
        blur(m_field, m_weights, m_weights, noise, smooth);
        return smooth;
    }

    ImageSampler m_sampler;
    Shape m_field;
    FactorRange m_probability;
    ValueRange m_range;
    double m_deviation = 0.0;
    double m_distance = 0.0;
    std::vector<float> m_weights;
};

std::shared_ptr<const Kernel> kernelOf(const RandomElasticTransform& options,
                                       Definition::Inputs inputs, const Shape& /*output*/) {
    const auto draw = [options, image = inputs[0]](RandomSequence& random) {
        const double strength = factorRange(options.scale, 0.0).draw(random);
        return std::make_shared<ElasticTransform>(options, image, strength);
    };
    return augmentationKernel(draw, options.seed, inputs[0]);
}

} // namespace

LayerDef random_elastic_transform() {
    Definition definition("RandomElasticTransform", Category::Augmentation,
                          "Bends each image like rubber at random while training.");
    definition
        .help("While training, every pixel of an image is moved by a random distance that changes "
              "smoothly from place to place, as if the image were printed on rubber (Simard et al. "
              "2003). Suits handwriting. The results are cut off at the ends of value_range. When "
              "predicting, it does nothing.")
        .param(
            &RandomElasticTransform::factor, "factor",
            factorDetail(0.0, 1.0,
                         "How probable it is: two bounds from which the probability is drawn for "
                         "each image, or one number for a probability from 0 to it."))
        .param(&RandomElasticTransform::scale, "scale",
               factorDetail(0.0, 1.0,
                            "How strongly the images of a batch are bent: drawn from 0 to it for "
                            "one number, or between two bounds."))
        .with(addWarpArguments<RandomElasticTransform>)
        .param(&RandomElasticTransform::valueRange, "value_range", valueRangeDetail())
        .randomWhenTraining()
        .shape([](const RandomElasticTransform&, Definition::Inputs inputs) {
            return augmentedShape("RandomElasticTransform", inputs[0]);
        })
        .kernel(kernelOf)
        .formulas("as the input")
        .example({{6, 5, 3}}, {{"factor", std::vector<double>{0.7, 1.0}},
                               {"value_range", std::vector<double>{-1.0, 1.0}}});
    return definition;
}

} // namespace nn::layers
