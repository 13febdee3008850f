#include "nn/layers/support/normalization.h"
#include "nn/layers/support/weight_options.h"

namespace nn::layers {

namespace {

struct GroupNormalization {
    std::int64_t groups = 32;
    std::int64_t axis = -1;
    double epsilon = 0.001;
    bool center = true;
    bool scale = true;
    WeightOptions beta = startingAs("Zeros");
    WeightOptions gamma = startingAs("Ones");
};
using Definition = DefineLayer<GroupNormalization>;

Definition::Shaped shapeOf(const GroupNormalization& options, Definition::Inputs inputs) {
    const auto extents = extentsAlong("GroupNormalization", {options.axis}, inputs[0]);
    if (!extents) {
        return tl::unexpected(extents.error());
    }
    const std::int64_t channels = (*extents)[0];
    if (options.groups == 0 || (options.groups > 0 && channels % options.groups != 0)) {
        return layerProblem("GroupNormalization divides the channels into equal groups, but " +
                                std::to_string(channels) + " channels do not divide into " +
                                std::to_string(options.groups) +
                                ". Choose a number of groups that divides the channels, or -1 for "
                                "one group per channel.",
                            "groups");
    }
    return inputs[0];
}

std::vector<WeightSpec> weightsOf(const GroupNormalization& options, Definition::Inputs inputs) {
    const Shape shape =
        extentsAlong("GroupNormalization", {options.axis}, inputs[0]).value_or(Shape{});
    std::vector<WeightSpec> weights;
    if (options.scale) {
        weights.push_back(options.gamma.spec("gamma", shape));
    }
    if (options.center) {
        weights.push_back(options.beta.spec("beta", shape));
    }
    return weights;
}

LayerCost costOf(const GroupNormalization& /*options*/, Definition::Inputs /*inputs*/,
                 const Shape& output) {
    return {.otherOperations = saturatedProduct({elementsOrZero(output), 6})};
}

std::shared_ptr<const Kernel> kernelOf(const GroupNormalization& options, Definition::Inputs inputs,
                                       const Shape& /*output*/) {
    const std::size_t axis = *axisIndex(options.axis, inputs[0].rank());
    return normalizationKernel({.input = inputs[0],
                                .axes = {axis},
                                .groups = options.groups < 0 ? inputs[0][axis] : options.groups,
                                .epsilon = options.epsilon,
                                .hasGamma = options.scale,
                                .hasBeta = options.center});
}

} // namespace

LayerDef group_normalization() {
    return Definition("GroupNormalization", Category::Normalization,
                      "Brings groups of channels of each image to mean 0 and variance 1.")
        .help("Divides the channels into groups and shifts and scales the values of each group, "
              "over the whole image, so that their mean is 0 and their variance 1; then a learned "
              "factor and offset per channel, gamma and beta, give it the range that suits the "
              "next layer: gamma · (x − mean) ÷ √(variance + epsilon) + beta. It looks at each "
              "image alone, so unlike BatchNormalization it works "
              "with very small batches. One group per channel (groups -1) is instance "
              "normalization. Two numbers per channel, both trained.")
        .formulas("as the input", "channels, once for gamma and once for beta")
        .param(&GroupNormalization::groups, "groups",
               {.min = -1,
                .max = 65536,
                .step = 1,
                .help = "Into how many groups the channels are divided; their number must be a "
                        "multiple of it. -1 makes a group of every channel."})
        .param(&GroupNormalization::axis, "axis",
               axisDetail("The axis that is divided into groups: -1, the channels, for images."))
        .param(&GroupNormalization::epsilon, "epsilon", steadyingDetail())
        .param(&GroupNormalization::center, "center",
               {.help = "Learns an offset, beta, for each channel."})
        .param(&GroupNormalization::scale, "scale",
               {.help = "Learns a factor, gamma, for each channel."})
        .with(weightArguments<GroupNormalization>(
            {{&GroupNormalization::beta, "beta", "the offsets beta", "center"},
             {&GroupNormalization::gamma, "gamma", "the factors gamma", "scale"}}))
        .shape(shapeOf)
        .kernel(kernelOf)
        .weights(weightsOf)
        .cost(costOf)
        .example({{5, 4, 6}}, {{"groups", std::int64_t{3}}});
}

} // namespace nn::layers
