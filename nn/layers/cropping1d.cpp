#include "nn/layers/support/framing.h"

namespace nn::layers {

LayerDef cropping1d() {
    return defineFraming<std::int64_t, 1>("Cropping1D", FramingKind::Cropping,
                                          "Cuts steps off both ends of a sequence.")
        .formulas("steps = input steps − left − right; channels stay")
        .help("Cuts off steps at the beginning and at the end of a sequence. Used where two "
              "branches are to be joined but one of them is a little longer, and to remove what "
              "padding has spoilt at the ends. No weights.");
}

} // namespace nn::layers
