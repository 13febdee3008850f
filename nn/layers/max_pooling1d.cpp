#include "nn/layers/support/pooling.h"

namespace nn::layers {

LayerDef max_pooling1d() {
    return definePooling<std::int64_t>(
               "MaxPooling1D", PoolKind::Maximum,
               "Keeps the largest value of each short window; halves the sequence.")
        .formulas("valid: steps = ⌊(input steps − pool) ÷ stride⌋ + 1\n"
                  "same: steps = ⌈input steps ÷ stride⌉\n"
                  "channels stay")
        .help("A window slides along each channel of a sequence, and of each window only the "
              "largest value is kept: that a pattern was found matters more than when exactly. "
              "With the default window of 2 steps the length halves, so later layers see more of "
              "the sequence and cost half. No weights; next to no arithmetic.");
}

} // namespace nn::layers
