#include "nn/layers/support/convolution.h"

namespace nn::layers {

LayerDef separable_conv1d() {
    return defineConvolution<std::int64_t>(
               ConvolutionKind::Separable, "SeparableConv1D",
               "Filters each channel of a sequence by itself, then mixes the channels.")
        .formulas("valid: steps = ⌊(input steps − (kernel − 1) · dilation − 1) ÷ stride⌋ + 1\n"
                  "same: steps = ⌈input steps ÷ stride⌉\n"
                  "channels = filters",
                  "kernel · input channels · depth_multiplier + input channels · depth_multiplier "
                  "· filters, and one more for each filter with use_bias")
        .help("A DepthwiseConv1D followed by a convolution of kernel size 1 to filters channels, "
              "in one layer: first every channel is searched for its own patterns, then their "
              "results are combined. It needs far fewer weights and operations than Conv1D. Bias "
              "and activation come once, at the end. Multiply-adds = output length × channels × "
              "depth_multiplier × (kernel size + filters).");
}

} // namespace nn::layers
