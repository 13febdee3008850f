#include "nn/layers/support/convolution.h"

namespace nn::layers {

LayerDef separable_conv2d() {
    return defineConvolution<Size2>(
               ConvolutionKind::Separable, "SeparableConv2D",
               "Filters each channel by itself, then mixes the channels: a cheap Conv2D.")
        .formulas(
            "valid: height = ⌊(input height − (kernel height − 1) · dilation − 1) ÷ stride⌋ + 1, "
            "width likewise\n"
            "same: height = ⌈input height ÷ stride⌉, width likewise\n"
            "channels = filters",
            "kernel height · kernel width · input channels · depth_multiplier + input channels · "
            "depth_multiplier · filters, and one more for each filter with use_bias")
        .help("A DepthwiseConv2D followed by a 1×1 convolution to filters channels, in one layer: "
              "first every channel is searched for its own patterns, then their results are "
              "combined. The block of Xception; with 3×3 filters it needs about a ninth of the "
              "weights and operations of Conv2D and is often nearly as good. Bias and activation "
              "come once, at the end. Multiply-adds = output height × output width × channels × "
              "depth_multiplier × (kernel height × kernel width + filters).");
}

} // namespace nn::layers
