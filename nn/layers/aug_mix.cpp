#include "nn/layers/support/chain.h"
#include "nn/layers/support/mixing.h"

#include <algorithm>

namespace nn::layers {

namespace {

struct AugMix {
    std::vector<double> valueRange{0.0, 255.0};
    std::int64_t numChains = 3;
    std::int64_t chainDepth = 3;
    std::vector<double> factor{0.3};
    double alpha = 1.0;
    bool allOps = true;
    WarpInterpolation interpolation = WarpInterpolation::Bilinear;
    std::optional<std::int64_t> seed;
};
using Definition = DefineLayer<AugMix>;

/// An image mixed with what several chains of augmentations make of it.
class ChainMixture final : public Augmentation {
public:
    struct Part {
        std::unique_ptr<const AugmentationChain> chain;
        float weight = 0.0F;
    };
    ChainMixture(float ownWeight, std::vector<Part> parts, const ValueRange& range)
        : m_ownWeight(ownWeight), m_parts(std::move(parts)), m_range(range) {}

    void apply(RandomSequence& random, std::span<const float> image,
               std::span<float> result) const override {
        mix(random, image, result);
        std::ranges::transform(result, result.begin(), [this](float value) {
            return std::clamp(value, m_range.least, m_range.most);
        });
    }
    void applyBackward(RandomSequence& random, std::span<const float> image,
                       std::span<const float> resultGradient,
                       std::span<float> imageGradient) const override {
        RandomSequence again = random;
        std::vector<float> passed(image.size());
        mix(random, image, passed);
        std::ranges::transform(
            passed, resultGradient, passed.begin(), [this](float value, float gradient) {
                return value < m_range.least || value > m_range.most ? 0.0F : gradient;
            });
        add(m_ownWeight, passed, imageGradient, 0.0F);
        std::vector<float> part(image.size());
        for (const auto& [chain, weight] : m_parts) {
            chain->applyBackward(again, image, passed, part);
            add(weight, part, imageGradient, 1.0F);
        }
    }

private:
    /// target = kept · target + weight · values.
    static void add(float weight, std::span<const float> values, std::span<float> target,
                    float kept) {
        for (std::size_t i = 0; i < target.size(); ++i) {
            target[i] = (kept == 0.0F ? 0.0F : target[i]) + weight * values[i];
        }
    }
    void mix(RandomSequence& random, std::span<const float> image, std::span<float> result) const {
        add(m_ownWeight, image, result, 0.0F);
        std::vector<float> part(image.size());
        for (const auto& [chain, weight] : m_parts) {
            chain->apply(random, image, part);
            add(weight, part, result, 1.0F);
        }
    }

    float m_ownWeight;
    std::vector<Part> m_parts;
    ValueRange m_range;
};

/// Draws the chains of a batch: every step one of the operations, or none.
std::shared_ptr<const Augmentation>
drawn(const AugMix& options, const AugmentationSteps& operations, RandomSequence& random) {
    const auto weights =
        dirichletNumbers(random, static_cast<std::size_t>(options.numChains), options.alpha);
    const double own = betaNumber(random, options.alpha);
    std::vector<ChainMixture::Part> parts;
    for (const double weight : weights) {
        AugmentationSteps steps;
        for (std::int64_t i = 0; i < options.chainDepth; ++i) {
            const auto chosen = static_cast<std::size_t>(random.below(operations.size() + 1));
            if (chosen < operations.size()) {
                steps.push_back(operations[chosen]);
            }
        }
        parts.push_back({std::make_unique<AugmentationChain>(std::move(steps)),
                         static_cast<float>((1.0 - own) * weight)});
    }
    return std::make_shared<ChainMixture>(static_cast<float>(own), std::move(parts),
                                          valueRange(options.valueRange));
}

Definition::Shaped shapeOf(const AugMix& options, Definition::Inputs inputs) {
    auto shape = rangedShape("AugMix", inputs[0], options.valueRange);
    if (shape && options.allOps && (*shape)[2] != 3) {
        return layerProblem("AugMix changes colours too, which needs images with 3 channels (red, "
                            "green, blue), but its input has " +
                                std::to_string((*shape)[2]) + ". Switch all_ops off.",
                            "all_ops");
    }
    return shape;
}

std::shared_ptr<const Kernel> kernelOf(const AugMix& options, Definition::Inputs inputs,
                                       const Shape& /*output*/) {
    AugmentationSteps operations = usualOperations({.factor = factorRange(options.factor, 0.0),
                                                    .range = valueRange(options.valueRange),
                                                    .interpolation = options.interpolation},
                                                   inputs[0]);
    if (!options.allOps) {
        operations.resize(kPlainOperations);
    }
    const auto draw = [options, operations](RandomSequence& random) {
        return drawn(options, operations, random);
    };
    return augmentationKernel(draw, options.seed, inputs[0]);
}

} // namespace

LayerDef aug_mix() {
    return Definition("AugMix", Category::Augmentation,
                      "Mixes each image with several augmented versions of itself.")
        .help("While training, several chains of augmentations are drawn for each batch; an image "
              "goes through all of them, and the results are mixed with each other and with the "
              "image itself (Hendrycks et al. 2019). The images vary widely, but stay "
              "recognisable. The results are cut off at the ends of value_range. When predicting, "
              "it does nothing.")
        .param(&AugMix::valueRange, "value_range", valueRangeDetail())
        .param(&AugMix::numChains, "num_chains",
               {.min = 1, .max = 32, .step = 1, .help = "How many chains are mixed."})
        .param(&AugMix::chainDepth, "chain_depth",
               {.min = 1,
                .max = 32,
                .step = 1,
                .help = "How many augmentations a chain has at most; each may be left out."})
        .param(&AugMix::factor, "factor",
               factorDetail(0.0, 1.0,
                            "How strong operations are: drawn from 0 to it for one number, or "
                            "between two bounds."))
        .param(&AugMix::alpha, "alpha",
               {.min = 0.0,
                .max = 100.0,
                .minExclusive = true,
                .step = 0.1,
                .help = "How evenly things are mixed: small numbers let single chains, or the "
                        "image itself, prevail."})
        .param(&AugMix::allOps, "all_ops",
               {.help = "Whether brightness, contrast, sharpness and colours are changed too, or "
                        "only places and tones."})
        .param(&AugMix::interpolation, "interpolation",
               {.help = "Whether a moved pixel is a mixture of the four it falls between, or the "
                        "nearest of them."})
        .param(&AugMix::seed, "seed", augmentationSeedDetail())
        .randomWhenTraining()
        .shape(shapeOf)
        .kernel(kernelOf)
        .formulas("as the input")
        .example({{6, 5, 3}}, {{"value_range", std::vector<double>{-1.0, 1.0}}});
}

} // namespace nn::layers
