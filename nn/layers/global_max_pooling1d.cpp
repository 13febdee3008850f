#include "nn/layers/support/pooling.h"

namespace nn::layers {

LayerDef global_max_pooling1d() {
    return defineGlobalPooling<std::int64_t>(
               "GlobalMaxPooling1D", PoolKind::Maximum,
               "Shrinks each channel of a sequence to its largest value.")
        .formulas("(channels), or (1, channels) with keepdims")
        .help("Keeps the largest value of every channel over the whole sequence, so a sequence of "
              "any length becomes one number per channel: how clearly each feature occurs at any "
              "time. Useful after Conv1D when a single occurrence decides. No weights of its own.");
}

} // namespace nn::layers
