#include "nn/layers/support/convolution.h"

namespace nn::layers {

LayerDef conv1d() {
    return defineConvolution<std::int64_t>(
               ConvolutionKind::Plain, "Conv1D",
               "Slides short filters along a sequence and shows where each one matches.")
        .formulas("valid: steps = ⌊(input steps − (kernel − 1) · dilation − 1) ÷ stride⌋ + 1\n"
                  "same and causal: steps = ⌈input steps ÷ stride⌉\n"
                  "channels = filters",
                  "kernel · (input channels ÷ groups) · filters, and one more for each filter with "
                  "use_bias")
        .help("What Conv2D does to images, done to sequences (length, channels): sound, sensor "
              "readings, text. Each filter is a short pattern, kernel_size steps long and as deep "
              "as the channels; the result tells at every step how well it matches. With padding "
              "'causal' an output sees only its own and earlier steps, as a forecast must. "
              "Multiply-adds = output length × filters × kernel size × input channels ÷ groups.");
}

} // namespace nn::layers
