#include "nn/layers/support/pooling.h"

namespace nn::layers {

LayerDef average_pooling1d() {
    return definePooling<std::int64_t>(
               "AveragePooling1D", PoolKind::Average,
               "Replaces each short window of a sequence by its mean value.")
        .formulas("valid: steps = ⌊(input steps − pool) ÷ stride⌋ + 1\n"
                  "same: steps = ⌈input steps ÷ stride⌉\n"
                  "channels stay")
        .help("A window slides along each channel of a sequence, and each window is replaced by "
              "the mean of its values. Smoother than MaxPooling1D: it keeps how much of a pattern "
              "there is, where max pooling keeps the strongest. With the default window of 2 steps "
              "the length halves. Padding is not counted in the mean. No weights.");
}

} // namespace nn::layers
