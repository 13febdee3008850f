#include "nn/layers/support/pooling.h"

namespace nn::layers {

LayerDef adaptive_max_pooling1d() {
    return defineAdaptivePooling<std::int64_t>(
               "AdaptiveMaxPooling1D", PoolKind::Maximum,
               "Keeps the largest values of a sequence of any length, down to a fixed length.")
        .formulas("steps = output_size; channels stay")
        .help("Cuts the sequence into output_size nearly equal parts, which may overlap by a step, "
              "and keeps the largest value of each. Whatever length comes in, the same length goes "
              "out, so that Flatten and Dense can follow a sequence of open length. New in Keras "
              "3. No weights.");
}

} // namespace nn::layers
