#include "nn/layers/support/shapes.h"
#include "nn/layers/support/value_kernels.h"

namespace nn::layers {

namespace {

struct ReLU {
    std::optional<double> maxValue;
    double negativeSlope = 0.0;
    double threshold = 0.0;
};
using Definition = DefineLayer<ReLU>;

Definition::Shaped shapeOf(const ReLU& /*options*/, Definition::Inputs inputs) {
    return inputs[0];
}

LayerCost costOf(const ReLU& /*options*/, Definition::Inputs /*inputs*/, const Shape& output) {
    return {.otherOperations = elementsOrZero(output)};
}

std::shared_ptr<const Kernel> kernelOf(const ReLU& options, Definition::Inputs /*inputs*/,
                                       const Shape& /*output*/) {
    Activation function{.kind = ActivationKind::Relu,
                        .negativeSlope = static_cast<float>(options.negativeSlope),
                        .threshold = static_cast<float>(options.threshold)};
    if (options.maxValue) {
        function.maxValue = static_cast<float>(*options.maxValue);
    }
    return activationKernel(function);
}

} // namespace

LayerDef relu() {
    return Definition("ReLU", Category::Activation,
                      "Cuts negative values off: the usual activation, as a layer.")
        .formulas("as the input")
        .help("Positive values pass, negative ones become zero. Simple, cheap, and gradients pass "
              "unchanged through positive values, which is why deep networks with it learn well. "
              "Use it as a layer behind BatchNormalization or Add; elsewhere the argument "
              "activation='relu' does the same. The arguments give its variants: a slope below "
              "zero, a ceiling (ReLU6), a threshold. No weights.")
        .param(&ReLU::maxValue, "max_value",
               {.min = 0.0,
                .max = 1e6,
                .step = 1.0,
                .help = "No output is larger than this; 6 makes the ReLU6 of small networks. None "
                        "sets no limit."})
        .param(&ReLU::negativeSlope, "negative_slope",
               {.min = 0.0,
                .max = 1e6,
                .step = 0.01,
                .help = "Negative values are multiplied by this instead of being cut off. A small "
                        "slope like 0.1 keeps units from going silent for good."})
        .param(
            &ReLU::threshold, "threshold",
            {.min = 0.0, .max = 1e6, .step = 0.1, .help = "Values below this count as negative."})
        .shape(shapeOf)
        .kernel(kernelOf)
        .cost(costOf)
        .example({{5, 4, 3}});
}

} // namespace nn::layers
