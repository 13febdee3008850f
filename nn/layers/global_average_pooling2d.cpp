#include "nn/layers/support/pooling.h"

namespace nn::layers {

LayerDef global_average_pooling2d() {
    return defineGlobalPooling<Size2>(
               "GlobalAveragePooling2D", PoolKind::Average,
               "Shrinks each channel to its mean: one number per feature map.")
        .formulas("(channels), or (1, 1, channels) with keepdims")
        .help("Averages every channel over the whole image, so an image of any size becomes one "
              "number per channel: how much of each feature it contains. The modern way from "
              "feature maps to Dense: compared with Flatten, the Dense layer after it needs height "
              "× width times fewer weights and overfits less. No weights of its own.");
}

} // namespace nn::layers
