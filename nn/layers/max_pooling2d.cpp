#include "nn/layers/support/pooling.h"

namespace nn::layers {

namespace {

LayerCost costOf(const Pooling& options, DefineLayer<Pooling>::Inputs /*inputs*/,
                 const Shape& output) {
    LayerCost cost = poolingCost(options, output);
    const std::int64_t cells = options.poolSize.height * options.poolSize.width;
    cost.savedBytes = elementsOrZero(output) * (cells <= 256 ? 1 : 4);
    return cost;
}

} // namespace

LayerDef max_pooling2d() {
    return definePooling("MaxPooling2D",
                         "Keeps the largest value of each small window; halves the image.")
        .help("A window slides over each channel, and of each window only the largest value is "
              "kept: that a pattern was found matters more than where exactly. With the default "
              "2×2 window height and width halve, so later layers see more of the image and cost a "
              "quarter. No weights; next to no arithmetic.")
        .cost(costOf);
}

} // namespace nn::layers
