#include "nn/layers/support/pooling.h"

namespace nn::layers {

LayerDef global_average_pooling1d() {
    return defineGlobalPooling<std::int64_t>("GlobalAveragePooling1D", PoolKind::Average,
                                             "Shrinks each channel of a sequence to its mean.")
        .formulas("(channels), or (1, channels) with keepdims")
        .help("Averages every channel over the whole sequence, so a sequence of any length becomes "
              "one number per channel: how much of each feature it contains. It leads from Conv1D "
              "layers to Dense with far fewer weights than Flatten needs. No weights of its own.");
}

} // namespace nn::layers
