#include "nn/layers/support/normalization.h"

namespace nn::layers {

namespace {

struct RMSNormalization {
    std::vector<std::int64_t> axis{-1};
    double epsilon = 1e-6;
};
using Definition = DefineLayer<RMSNormalization>;

Definition::Shaped shapeOf(const RMSNormalization& options, Definition::Inputs inputs) {
    const auto axes = axisIndices("RMSNormalization", options.axis, inputs[0]);
    if (!axes) {
        return tl::unexpected(axes.error());
    }
    if (const auto extents = extentsAlong("RMSNormalization", options.axis, inputs[0]); !extents) {
        return tl::unexpected(extents.error());
    }
    return inputs[0];
}

std::vector<WeightSpec> weightsOf(const RMSNormalization& options, Definition::Inputs inputs) {
    return {{"scale", extentsAlong("RMSNormalization", options.axis, inputs[0]).value_or(Shape{}),
             ParamObject("Ones")}};
}

LayerCost costOf(const RMSNormalization& /*options*/, Definition::Inputs /*inputs*/,
                 const Shape& output) {
    return {.otherOperations = saturatedProduct({elementsOrZero(output), 4})};
}

std::shared_ptr<const Kernel> kernelOf(const RMSNormalization& options, Definition::Inputs inputs,
                                       const Shape& /*output*/) {
    return normalizationKernel(
        {.input = inputs[0],
         .axes = axisIndices("RMSNormalization", options.axis, inputs[0]).value(),
         .scaling = GroupScaling::RootMeanSquare,
         .epsilon = options.epsilon,
         .hasBeta = false});
}

} // namespace

LayerDef rms_normalization() {
    return Definition("RMSNormalization", Category::Normalization,
                      "Divides the values of each sample by the root of their mean square.")
        .help("Divides the values along the axes given (the channels at each pixel, unless told "
              "otherwise) by the root of the mean of their squares, then multiplies each by a "
              "learned number, scale: scale · x ÷ √(mean of x² + epsilon). A simpler and faster "
              "relative of LayerNormalization: no mean "
              "is subtracted and no offset learned. The same in training and prediction. One "
              "trained number per position along the axes.")
        .formulas("as the input", "product of the sizes along axis")
        .param(&RMSNormalization::axis, "axis",
               axesDetail("The axes over which the mean of the squares is taken: -1, the channels, "
                          "or 1, 2, 3 for whole images."))
        .param(&RMSNormalization::epsilon, "epsilon", steadyingDetail())
        .shape(shapeOf)
        .kernel(kernelOf)
        .weights(weightsOf)
        .cost(costOf)
        .example({{5, 4, 3}});
}

} // namespace nn::layers
