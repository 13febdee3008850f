#include "nn/layers/support/normalization.h"

namespace nn::layers {

namespace {

struct UnitNormalization {
    std::vector<std::int64_t> axis{-1};
};
using Definition = DefineLayer<UnitNormalization>;

Definition::Shaped shapeOf(const UnitNormalization& options, Definition::Inputs inputs) {
    const auto axes = axisIndices("UnitNormalization", options.axis, inputs[0]);
    if (!axes) {
        return tl::unexpected(axes.error());
    }
    return inputs[0];
}

LayerCost costOf(const UnitNormalization& /*options*/, Definition::Inputs /*inputs*/,
                 const Shape& output) {
    return {.otherOperations = saturatedProduct({elementsOrZero(output), 3})};
}

std::shared_ptr<const Kernel> kernelOf(const UnitNormalization& options, Definition::Inputs inputs,
                                       const Shape& /*output*/) {
    return normalizationKernel(
        {.input = inputs[0],
         .axes = axisIndices("UnitNormalization", options.axis, inputs[0]).value(),
         .scaling = GroupScaling::Length,
         .epsilon = 1e-12,
         .hasGamma = false,
         .hasBeta = false});
}

} // namespace

LayerDef unit_normalization() {
    return Definition("UnitNormalization", Category::Normalization,
                      "Scales the values of each sample to length 1.")
        .help("Divides the values along the axes given (the channels at each pixel, unless told "
              "otherwise) by the root of the sum of their squares: as a vector they then have "
              "length 1 and only their direction is left. Useful before comparing two embeddings "
              "with Dot, which then gives the cosine of the angle between them. No weights.")
        .formulas("as the input")
        .param(&UnitNormalization::axis, "axis",
               axesDetail("The axes whose values form one vector: -1, the channels, or 1, 2, 3 for "
                          "whole images."))
        .shape(shapeOf)
        .kernel(kernelOf)
        .cost(costOf)
        .example({{5, 4, 3}});
}

} // namespace nn::layers
