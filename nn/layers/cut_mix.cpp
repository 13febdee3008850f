#include "nn/layers/support/mixing.h"

#include <algorithm>
#include <cmath>
#include <tuple>

namespace nn::layers {

namespace {

struct CutMix {
    std::vector<double> factor{1.0};
    std::optional<std::int64_t> seed;
};
using Definition = DefineLayer<CutMix>;

/// The whole pixels p with start ≤ p < start + part of an extent, at a random start.
std::pair<std::int64_t, std::int64_t> pixels(RandomSequence& random, double part,
                                             std::int64_t extent) {
    const double length = part * static_cast<double>(extent);
    const double start = random.uniform() * (static_cast<double>(extent) - length);
    const auto first = static_cast<std::int64_t>(std::ceil(start));
    return {first, std::min(static_cast<std::int64_t>(std::ceil(start + length)), extent)};
}

std::shared_ptr<const Kernel> kernelOf(const CutMix& options, Definition::Inputs inputs,
                                       const Shape& /*output*/) {
    const FactorRange factor = factorRange(options.factor, 0.0);
    const std::int64_t height = inputs[0][0];
    const std::int64_t width = inputs[0][1];
    const auto draw = [=](RandomSequence& batch) -> MixDraw {
        const double parameter = factor.draw(batch) + 1e-6;
        return [=](RandomSequence& random) {
            const double side = std::sqrt(1.0 - betaNumber(random, parameter));
            Mix mix;
            std::tie(mix.left, mix.right) = pixels(random, side, width);
            std::tie(mix.top, mix.bottom) = pixels(random, side, height);
            return mix;
        };
    };
    return mixingKernel(draw, options.seed, inputs[0]);
}

} // namespace

LayerDef cut_mix() {
    return Definition("CutMix", Category::Augmentation,
                      "Puts a piece of another image of the batch into each image while training.")
        .help("While training, a random rectangle of an image is replaced by the same rectangle of "
              "another image of its batch; its area is drawn for each image from the beta "
              "distribution (Yun et al. 2019). As in a model of Keras, where a layer sees images "
              "only, labels stay those of the image itself. When predicting, it does nothing.")
        .param(&CutMix::factor, "factor",
               factorDetail(0.0, 1.0,
                            "Both parameters of the beta distribution, drawn for each batch: from "
                            "0 to it for one number, or between two bounds. Small ones replace "
                            "most images wholly or not at all."))
        .param(&CutMix::seed, "seed", augmentationSeedDetail())
        .randomWhenTraining()
        .mixesBatch()
        .shape([](const CutMix&, Definition::Inputs inputs) {
            return augmentedShape("CutMix", inputs[0]);
        })
        .kernel(kernelOf)
        .formulas("as the input")
        .example({{6, 5, 3}}, {{"factor", std::vector<double>{0.8, 1.0}}});
}

} // namespace nn::layers
