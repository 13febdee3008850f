#include "nn/layers/support/shapes.h"

namespace nn::layers {

namespace {

struct BatchNormalization {
    std::int64_t axis = -1;
    double momentum = 0.99;
    double epsilon = 0.001;
    bool center = true;
    bool scale = true;
    std::string betaInitializer = "zeros";
    std::string gammaInitializer = "ones";
    std::string movingMeanInitializer = "zeros";
    std::string movingVarianceInitializer = "ones";
};
using Definition = DefineLayer<BatchNormalization>;

Definition::Shaped shapeOf(const BatchNormalization& options, Definition::Inputs inputs) {
    const Shape& input = inputs[0];
    const auto axis = axisIndex(options.axis, input.rank());
    if (!axis) {
        return tl::unexpected(axisProblem("BatchNormalization", options.axis, input));
    }
    if (input[*axis] == kUnknown) {
        return layerProblem("BatchNormalization keeps numbers for every position of axis " +
                                std::to_string(options.axis) +
                                ", but its size is open here. Give the Input layer a fixed size "
                                "there, or normalise the channels (axis -1).",
                            "axis");
    }
    return input;
}

std::vector<WeightSpec> weightsOf(const BatchNormalization& options, Definition::Inputs inputs) {
    const Shape shape{inputs[0][axisIndex(options.axis, inputs[0].rank()).value_or(0)]};
    std::vector<WeightSpec> weights;
    if (options.scale) {
        weights.push_back({"gamma", shape, options.gammaInitializer});
    }
    if (options.center) {
        weights.push_back({"beta", shape, options.betaInitializer});
    }
    weights.push_back({"moving_mean", shape, options.movingMeanInitializer, false});
    weights.push_back({"moving_variance", shape, options.movingVarianceInitializer, false});
    return weights;
}

LayerCost costOf(const BatchNormalization& /*options*/, Definition::Inputs /*inputs*/,
                 const Shape& output) {
    return {.otherOperations = saturatedProduct({elementsOrZero(output), 2})};
}

} // namespace

LayerDef batch_normalization() {
    return Definition("BatchNormalization", Category::Normalization,
                      "Brings each channel to mean 0 and variance 1, then rescales it.")
        .help("While training, every channel is shifted and scaled so that over the batch its mean "
              "is 0 and its variance 1; then two learned numbers per channel, gamma and beta, give "
              "it the range that suits the next layer. Training becomes faster and bears larger "
              "learning rates. When predicting, running averages of mean and variance take the "
              "place of the batch's own. Put it between a convolution without bias and its "
              "activation. Four numbers per channel, two of them trained. Works badly with very "
              "small batches.")
        .mixesBatch()
        .param(&BatchNormalization::axis, "axis",
               axisDetail("The axis whose positions are normalised each by itself: -1, the "
                          "channels, for images."))
        .param(&BatchNormalization::momentum, "momentum",
               {.min = 0.0,
                .max = 1.0,
                .step = 0.01,
                .help = "How slowly the running averages follow the batches. Lower it to 0.9 when "
                        "training takes only few steps."})
        .param(&BatchNormalization::epsilon, "epsilon",
               {.min = 0.0,
                .max = 1.0,
                .minExclusive = true,
                .step = 0.001,
                .help = "A small number added to the variance so that nothing is divided by zero."})
        .param(&BatchNormalization::center, "center",
               {.help = "Learns an offset, beta, for each channel."})
        .param(&BatchNormalization::scale, "scale",
               {.help = "Learns a factor, gamma, for each channel. Not needed when the next layer "
                        "is linear or relu followed by one."})
        .param(&BatchNormalization::betaInitializer, "beta_initializer",
               initializerDetail("the offsets beta", "center"))
        .param(&BatchNormalization::gammaInitializer, "gamma_initializer",
               initializerDetail("the factors gamma", "scale"))
        .param(&BatchNormalization::movingMeanInitializer, "moving_mean_initializer",
               initializerDetail("the running means"))
        .param(&BatchNormalization::movingVarianceInitializer, "moving_variance_initializer",
               initializerDetail("the running variances"))
        .shape(shapeOf)
        .weights(weightsOf)
        .cost(costOf)
        .example({{5, 4, 3}});
}

} // namespace nn::layers
