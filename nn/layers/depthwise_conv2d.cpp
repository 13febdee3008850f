#include "nn/layers/support/convolution.h"

namespace nn::layers {

LayerDef depthwise_conv2d() {
    return defineConvolution<Size2>(ConvolutionKind::Depthwise, "DepthwiseConv2D",
                                    "Slides a filter of its own over every channel.")
        .formulas("valid: height = ⌊(input height − (kernel height − 1) · dilation − 1) ÷ stride⌋ "
                  "+ 1, width likewise\n"
                  "same: height = ⌈input height ÷ stride⌉, width likewise\n"
                  "channels = input channels · depth_multiplier",
                  "kernel height · kernel width · input channels · depth_multiplier, and one more "
                  "for each output channel with use_bias")
        .help("Each channel is filtered by itself: no filter mixes channels. That needs "
              "input-channels times fewer weights and operations than Conv2D; followed by a Conv2D "
              "with kernel_size 1, which mixes the channels, it does nearly the same (MobileNet, "
              "EfficientNet). depth_multiplier gives every channel several filters. Multiply-adds "
              "= output height × output width × output channels × kernel height × kernel width.");
}

} // namespace nn::layers
