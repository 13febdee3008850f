#include "nn/layers/support/convolution.h"

namespace nn::layers {

LayerDef depthwise_conv1d() {
    return defineConvolution<std::int64_t>(
               ConvolutionKind::Depthwise, "DepthwiseConv1D",
               "Slides a filter of its own along every channel of a sequence.")
        .formulas("valid: steps = ⌊(input steps − (kernel − 1) · dilation − 1) ÷ stride⌋ + 1\n"
                  "same: steps = ⌈input steps ÷ stride⌉\n"
                  "channels = input channels · depth_multiplier",
                  "kernel · input channels · depth_multiplier, and one more for each output "
                  "channel with use_bias")
        .help("Each channel of a sequence is filtered by itself: no filter mixes channels. That "
              "needs input-channels times fewer weights and operations than Conv1D; followed by a "
              "Conv1D with kernel_size 1, which mixes the channels, it does nearly the same. "
              "depth_multiplier gives every channel several filters. Multiply-adds = output length "
              "× output channels × kernel size.");
}

} // namespace nn::layers
