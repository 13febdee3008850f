#include "nn/layers/support/pooling.h"

namespace nn::layers {

LayerDef max_pooling2d() {
    return definePooling<Size2>("MaxPooling2D", PoolKind::Maximum,
                                "Keeps the largest value of each small window; halves the image.")
        .formulas("valid: height = ⌊(input height − pool height) ÷ stride⌋ + 1, width likewise\n"
                  "same: height = ⌈input height ÷ stride⌉, width likewise\n"
                  "channels stay")
        .help("A window slides over each channel, and of each window only the largest value is "
              "kept: that a pattern was found matters more than where exactly. With the default "
              "2×2 window height and width halve, so later layers see more of the image and cost a "
              "quarter. No weights; next to no arithmetic.");
}

} // namespace nn::layers
