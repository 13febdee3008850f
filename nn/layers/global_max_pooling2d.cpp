#include "nn/layers/support/pooling.h"

namespace nn::layers {

LayerDef global_max_pooling2d() {
    return defineGlobalPooling<Size2>(
               "GlobalMaxPooling2D", PoolKind::Maximum,
               "Shrinks each channel to its largest value: one number per feature map.")
        .formulas("(channels), or (1, 1, channels) with keepdims")
        .help("Keeps the largest value of every channel over the whole image, so an image of any "
              "size becomes one number per channel: how clearly each feature occurs anywhere. "
              "GlobalAveragePooling2D asks how much of it there is; this layer asks whether it is "
              "there at all, however small. No weights of its own.");
}

} // namespace nn::layers
