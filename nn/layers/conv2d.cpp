#include "nn/layers/support/convolution.h"

namespace nn::layers {

LayerDef conv2d() {
    return defineConvolution<Size2>(
               ConvolutionKind::Plain, "Conv2D",
               "Slides small filters over an image and shows where each one matches.")
        .formulas("valid: height = ⌊(input height − (kernel height − 1) · dilation − 1) ÷ stride⌋ "
                  "+ 1, width likewise\n"
                  "same: height = ⌈input height ÷ stride⌉, width likewise\n"
                  "channels = filters",
                  "kernel height · kernel width · (input channels ÷ groups) · filters, and one "
                  "more for each filter with use_bias")
        .help("Each filter is a small pattern, kernel_size pixels large and as deep as the input's "
              "channels. It slides over the image; at every position its numbers are multiplied "
              "with the pixels below and summed up. The result is one feature map per filter, "
              "bright where the pattern occurs. First layers learn edges and colours, later ones "
              "textures and parts. Few weights, because a filter is shared by all positions, but "
              "most of a network's arithmetic happens here: multiply-adds = output height × output "
              "width × filters × kernel height × kernel width × input channels ÷ groups.");
}

} // namespace nn::layers
