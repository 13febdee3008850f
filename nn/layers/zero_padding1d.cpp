#include "nn/layers/support/framing.h"

namespace nn::layers {

LayerDef zero_padding1d() {
    return defineFraming<std::int64_t, 1>("ZeroPadding1D", FramingKind::Padding,
                                          "Puts zeros before and after a sequence.")
        .formulas("steps = input steps + left + right; channels stay")
        .help("Adds steps of zeros at the beginning and at the end of a sequence. Convolutions "
              "with padding 'same' or 'causal' do this by themselves; this layer is for borders of "
              "another width, or only on one side. No weights.");
}

} // namespace nn::layers
