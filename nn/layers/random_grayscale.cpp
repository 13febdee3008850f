#include "nn/layers/support/augmentation.h"

#include <Eigen/Core>
#include <algorithm>

namespace nn::layers {

namespace {

struct RandomGrayscale {
    double factor = 0.5;
    std::optional<std::int64_t> seed;
};
using Definition = DefineLayer<RandomGrayscale>;

using Pixels = Eigen::Matrix<float, Eigen::Dynamic, 3, Eigen::RowMajor>;

/// The brightness of red, green and blue (ITU-R BT.601).
Eigen::Vector3f brightness() {
    return {0.2989F, 0.5870F, 0.1140F};
}

class Grayscale final : public Augmentation {
public:
    explicit Grayscale(double probability) : m_probability(probability) {}

    void apply(RandomSequence& random, std::span<const float> image,
               std::span<float> result) const override {
        if (random.uniform() >= m_probability) {
            std::ranges::copy(image, result.begin());
            return;
        }
        mapped(result) = (pixels(image) * brightness()).replicate(1, 3);
    }
    void applyBackward(RandomSequence& random, std::span<const float> /*image*/,
                       std::span<const float> resultGradient,
                       std::span<float> imageGradient) const override {
        if (random.uniform() >= m_probability) {
            std::ranges::copy(resultGradient, imageGradient.begin());
            return;
        }
        mapped(imageGradient) = pixels(resultGradient).rowwise().sum() * brightness().transpose();
    }

private:
    static Eigen::Map<const Pixels> pixels(std::span<const float> image) {
        return {image.data(), static_cast<std::int64_t>(image.size()) / 3, 3};
    }
    static Eigen::Map<Pixels> mapped(std::span<float> image) {
        return {image.data(), static_cast<std::int64_t>(image.size()) / 3, 3};
    }

    double m_probability;
};

Definition::Shaped shapeOf(const RandomGrayscale& /*options*/, Definition::Inputs inputs) {
    return colouredShape("RandomGrayscale", inputs[0]);
}

} // namespace

LayerDef random_grayscale() {
    return Definition("RandomGrayscale", Category::Augmentation,
                      "Takes the colour out of some images while training.")
        .help("While training, an image loses its colours with the probability given: red, green "
              "and blue are replaced by the brightness. The network learns to rely on shapes too. "
              "When predicting, it does nothing.")
        .param(&RandomGrayscale::factor, "factor",
               {.min = 0.0,
                .max = 1.0,
                .step = 0.05,
                .help = "The probability that an image loses its colours."})
        .param(&RandomGrayscale::seed, "seed", augmentationSeedDetail())
        .randomWhenTraining()
        .shape(shapeOf)
        .kernel([](const RandomGrayscale& options, Definition::Inputs inputs, const Shape& output) {
            return augmentationKernel(std::make_shared<Grayscale>(options.factor), options.seed,
                                      inputs[0], output);
        })
        .formulas("as the input")
        .example({{6, 5, 3}});
}

} // namespace nn::layers
