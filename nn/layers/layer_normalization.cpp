#include "nn/layers/support/normalization.h"
#include "nn/layers/support/weight_options.h"

namespace nn::layers {

namespace {

struct LayerNormalization {
    std::vector<std::int64_t> axis{-1};
    double epsilon = 0.001;
    bool center = true;
    bool scale = true;
    WeightOptions beta = startingAs("Zeros");
    WeightOptions gamma = startingAs("Ones");
};
using Definition = DefineLayer<LayerNormalization>;

Definition::Shaped shapeOf(const LayerNormalization& options, Definition::Inputs inputs) {
    const auto axes = axisIndices("LayerNormalization", options.axis, inputs[0]);
    if (!axes) {
        return tl::unexpected(axes.error());
    }
    if (const auto extents = extentsAlong("LayerNormalization", options.axis, inputs[0]);
        !extents) {
        return tl::unexpected(extents.error());
    }
    return inputs[0];
}

std::vector<WeightSpec> weightsOf(const LayerNormalization& options, Definition::Inputs inputs) {
    const Shape shape =
        extentsAlong("LayerNormalization", options.axis, inputs[0]).value_or(Shape{});
    std::vector<WeightSpec> weights;
    if (options.scale) {
        weights.push_back(options.gamma.spec("gamma", shape));
    }
    if (options.center) {
        weights.push_back(options.beta.spec("beta", shape));
    }
    return weights;
}

LayerCost costOf(const LayerNormalization& /*options*/, Definition::Inputs /*inputs*/,
                 const Shape& output) {
    return {.otherOperations = saturatedProduct({elementsOrZero(output), 6})};
}

std::shared_ptr<const Kernel> kernelOf(const LayerNormalization& options, Definition::Inputs inputs,
                                       const Shape& /*output*/) {
    return normalizationKernel(
        {.input = inputs[0],
         .axes = axisIndices("LayerNormalization", options.axis, inputs[0]).value(),
         .epsilon = options.epsilon,
         .hasGamma = options.scale,
         .hasBeta = options.center});
}

} // namespace

LayerDef layer_normalization() {
    return Definition("LayerNormalization", Category::Normalization,
                      "Brings the values of each sample to mean 0 and variance 1, then rescales "
                      "them.")
        .help("Shifts and scales the values along the axes given (the channels at each pixel, "
              "unless told otherwise) so that their mean is 0 and their variance 1; then learned "
              "numbers gamma and beta give each its range: gamma · (x − mean) ÷ √(variance + "
              "epsilon) + "
              "beta. Unlike BatchNormalization it looks at "
              "each sample alone: it does the same in training and prediction and bears small "
              "batches. Two numbers per position along the axes, both trained.")
        .formulas("as the input",
                  "product of the sizes along axis, once for gamma and once for beta")
        .param(&LayerNormalization::axis, "axis",
               axesDetail("The axes over which mean and variance are taken: -1, the channels, or "
                          "1, 2, 3 for whole images."))
        .param(&LayerNormalization::epsilon, "epsilon", steadyingDetail())
        .param(&LayerNormalization::center, "center",
               {.help = "Learns an offset, beta, for each position along the axes."})
        .param(&LayerNormalization::scale, "scale",
               {.help = "Learns a factor, gamma, for each position along the axes."})
        .with(weightArguments<LayerNormalization>(
            {{&LayerNormalization::beta, "beta", "the offsets beta", "center"},
             {&LayerNormalization::gamma, "gamma", "the factors gamma", "scale"}}))
        .shape(shapeOf)
        .kernel(kernelOf)
        .weights(weightsOf)
        .cost(costOf)
        .example({{5, 4, 3}});
}

} // namespace nn::layers
