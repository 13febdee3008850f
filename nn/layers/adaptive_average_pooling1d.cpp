#include "nn/layers/support/pooling.h"

namespace nn::layers {

LayerDef adaptive_average_pooling1d() {
    return defineAdaptivePooling<std::int64_t>(
               "AdaptiveAveragePooling1D", PoolKind::Average,
               "Averages a sequence of any length down to a fixed length.")
        .formulas("steps = output_size; channels stay")
        .help("Cuts the sequence into output_size nearly equal parts, which may overlap by a step, "
              "and replaces each by its mean. Whatever length comes in, the same length goes out, "
              "so that Flatten and Dense can follow a sequence of open length. New in Keras 3. No "
              "weights.");
}

} // namespace nn::layers
