#include "nn/layers/support/pooling.h"

namespace nn::layers {

LayerDef average_pooling2d() {
    return definePooling<Size2>("AveragePooling2D", PoolKind::Average,
                                "Replaces each small window by its mean value.")
        .formulas("valid: height = ⌊(input height − pool height) ÷ stride⌋ + 1, width likewise\n"
                  "same: height = ⌈input height ÷ stride⌉, width likewise\n"
                  "channels stay")
        .help("A window slides over each channel, and each window is replaced by the mean of its "
              "values. Smoother than MaxPooling2D: it keeps how much of a pattern there is, where "
              "max pooling keeps the strongest. With the default 2×2 window height and width "
              "halve. Padding is not counted in the mean. No weights; next to no arithmetic.");
}

} // namespace nn::layers
