#include "nn/layers/support/shapes.h"

namespace nn::layers {

namespace {

struct Dropout {
    double rate = 0.5;
    std::optional<std::int64_t> seed;
};
using Definition = DefineLayer<Dropout>;

Definition::Shaped shapeOf(const Dropout& /*options*/, Definition::Inputs inputs) {
    return inputs[0];
}

LayerCost costOf(const Dropout& /*options*/, Definition::Inputs /*inputs*/, const Shape& output) {
    return {.otherOperations = elementsOrZero(output)};
}

} // namespace

LayerDef dropout() {
    return Definition("Dropout", Category::Regularization,
                      "Sets random values to zero while training, so that nothing is learned by "
                      "heart.")
        .help("While training, each value is set to zero with probability rate, anew for every "
              "image and step; the others grow by 1 ÷ (1 − rate), so that the sum stays the same "
              "on average. The network cannot rely on any single value and overfits less. When "
              "predicting, it does nothing. Put it before large Dense layers. No weights.")
        .param(&Dropout::rate, "rate",
               {.min = 0.0,
                .max = 1.0,
                .step = 0.05,
                .help = "The fraction of values set to zero. 0.5 before Dense and 0.25 after "
                        "pooling are common; 0 switches it off.",
                .required = true})
        .param(&Dropout::seed, "seed",
               {.min = 0,
                .max = 2'147'483'647,
                .step = 1,
                .help = "Where this layer's random numbers start. None takes them from the "
                        "training's own seed."})
        .randomWhenTraining()
        .shape(shapeOf)
        .cost(costOf)
        .example({{6, 5, 3}});
}

} // namespace nn::layers
