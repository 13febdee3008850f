#include "nn/layers/support/chain.h"

namespace nn::layers {

namespace {

struct RandAugment {
    std::vector<double> valueRange{0.0, 255.0};
    std::int64_t numOps = 2;
    std::vector<double> factor{0.5};
    WarpInterpolation interpolation = WarpInterpolation::Bilinear;
    std::optional<std::int64_t> seed;
};
using Definition = DefineLayer<RandAugment>;

Definition::Shaped shapeOf(const RandAugment& options, Definition::Inputs inputs) {
    return rangedShape("RandAugment", inputs[0], options.valueRange)
        .and_then([](const Shape& image) { return colouredShape("RandAugment", image); });
}

std::shared_ptr<const Kernel> kernelOf(const RandAugment& options, Definition::Inputs inputs,
                                       const Shape& /*output*/) {
    const AugmentationSteps operations =
        usualOperations({.factor = factorRange(options.factor, 0.0),
                         .range = valueRange(options.valueRange),
                         .interpolation = options.interpolation},
                        inputs[0]);
    const auto draw = [operations, count = options.numOps](RandomSequence& random) {
        AugmentationSteps chosen;
        for (std::int64_t i = 0; i < count; ++i) {
            chosen.push_back(operations[static_cast<std::size_t>(random.below(operations.size()))]);
        }
        return std::make_shared<AugmentationChain>(std::move(chosen));
    };
    return augmentationKernel(draw, options.seed, inputs[0]);
}

} // namespace

LayerDef rand_augment() {
    return Definition("RandAugment", Category::Augmentation,
                      "Does a few augmentations chosen at random for each batch.")
        .help("While training, a few of eleven operations are drawn for each batch and done one "
              "after the other (Cubuk et al. 2019): shear, translation, rotation, brightness, "
              "contrast, sharpness, loss of colour, posterization, solarization, AutoContrast and "
              "Equalization. How strong they are is drawn for each image. A good start where "
              "single augmentations are not to be tuned. Needs colour images. When predicting, it "
              "does nothing.")
        .param(&RandAugment::valueRange, "value_range", valueRangeDetail())
        .param(&RandAugment::numOps, "num_ops",
               {.min = 1, .max = 100, .step = 1, .help = "How many operations are done."})
        .param(&RandAugment::factor, "factor",
               factorDetail(0.0, 1.0,
                            "How strong operations are: drawn from 0 to it for one number, or "
                            "between two bounds."))
        .param(&RandAugment::interpolation, "interpolation",
               {.help = "Whether a moved pixel is a mixture of the four it falls between, or the "
                        "nearest of them."})
        .param(&RandAugment::seed, "seed", augmentationSeedDetail())
        .randomWhenTraining()
        .shape(shapeOf)
        .kernel(kernelOf)
        .formulas("as the input")
        .example({{6, 5, 3}},
                 {{"value_range", std::vector<double>{-1.0, 1.0}}, {"num_ops", std::int64_t{3}}});
}

} // namespace nn::layers
