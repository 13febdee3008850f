#include "nn/layers/support/convolution.h"

namespace nn::layers {

LayerDef conv1d_transpose() {
    return defineConvolution<std::int64_t>(
               ConvolutionKind::Transposed, "Conv1DTranspose",
               "Lengthens a sequence: every step paints a learned filter.")
        .formulas("valid: steps = (input steps − 1) · stride + max(reach, stride)\n"
                  "same: steps = input steps · stride\n"
                  "reach = (kernel − 1) · dilation + 1\n"
                  "channels = filters",
                  "kernel · filters · input channels, and one more for each filter with use_bias")
        .help("The way back from Conv1D: every step of the input is multiplied with a filter and "
              "painted into a longer sequence, strides steps apart; where the pieces overlap they "
              "add up. Used in autoencoders and generators of signals. A kernel_size that is a "
              "multiple of strides avoids regular patterns. Output length with padding 'same' = "
              "length × strides. Multiply-adds = input length × input channels × kernel size × "
              "filters.");
}

} // namespace nn::layers
