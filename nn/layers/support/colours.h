#pragma once

#include "nn/layers/support/augmentation.h"

#include <memory>

namespace nn {

// Changes of the colours of an image by one number that is drawn for it. Those of saturation, hue
// and colourLoss need three channels: red, green, blue.

/// Adds a part of the range of values; cut off at its ends.
[[nodiscard]] std::shared_ptr<const Augmentation> brightnessChange(const FactorRange& factor,
                                                                   const ValueRange& range);
/// (x − mean of the channel) · f + mean with f from 1 − lower to 1 + upper; cut off.
[[nodiscard]] std::shared_ptr<const Augmentation>
contrastChange(const FactorRange& factor, const ValueRange& range, std::int64_t channels);
/// Multiplies the saturation with f / (1 − f), up to full saturation.
[[nodiscard]] std::shared_ptr<const Augmentation> saturationChange(const FactorRange& factor);
/// Turns the hue by up to ±f / 2 of the circle of colours.
[[nodiscard]] std::shared_ptr<const Augmentation> hueChange(const FactorRange& factor,
                                                            const ValueRange& range);
/// A mixture with the grey image: x + f (grey − x); cut off.
[[nodiscard]] std::shared_ptr<const Augmentation> colourLoss(const FactorRange& factor,
                                                             const ValueRange& range);

/// The arguments factor, value_range and seed; options derive from it.
struct ColourArguments {
    std::vector<double> factor{0.5};
    std::vector<double> valueRange{0.0, 255.0};
    std::optional<std::int64_t> seed;
};
template <typename Options>
void addColourArguments(DefineLayer<Options>& layer, ParamDetail factor) {
    factor.required = true;
    layer
        .param(
            [](auto& options) -> auto& { return options.factor; }, "factor", std::move(factor))
        .param(
            [](auto& options) -> auto& { return options.valueRange; }, "value_range",
            valueRangeDetail())
        .param(
            [](auto& options) -> auto& { return options.seed; }, "seed", augmentationSeedDetail());
}

/// A definition with them, as all of these layers end.
template <typename Options, typename ShapeOf, typename KernelOf>
LayerDef colourLayer(DefineLayer<Options>& layer, ShapeOf shapeOf, KernelOf kernelOf,
                     const std::vector<double>& exampleFactor) {
    return layer.randomWhenTraining()
        .shape(shapeOf)
        .kernel(kernelOf)
        .formulas("as the input")
        .example({{6, 5, 3}},
                 {{"factor", exampleFactor}, {"value_range", std::vector<double>{-1.0, 1.0}}});
}

} // namespace nn
