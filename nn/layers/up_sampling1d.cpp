#include "nn/layers/support/up_sampling.h"

namespace nn::layers {

LayerDef up_sampling1d() {
    return defineUpSampling<std::int64_t>("UpSampling1D",
                                          "Lengthens a sequence by repeating each step.")
        .formulas("steps = input steps · size; channels stay")
        .help("Repeats each step of a sequence size times. Used on the way back from a short, "
              "pooled sequence to a long one, as in autoencoders of signals, usually followed by "
              "Conv1D, which smooths the repetitions. No weights.");
}

} // namespace nn::layers
