#include "nn/layers/support/convolution.h"

namespace nn::layers {

LayerDef conv2d_transpose() {
    return defineConvolution<Size2>(ConvolutionKind::Transposed, "Conv2DTranspose",
                                    "Enlarges an image: every pixel paints a learned filter.")
        .formulas(
            "valid: height = (input height − 1) · stride + max(reach, stride), width likewise\n"
            "same: height = input height · stride, width likewise\n"
            "reach = (kernel height − 1) · dilation + 1\n"
            "channels = filters",
            "kernel height · kernel width · filters · input channels, and one more for each "
            "filter with use_bias")
        .help(
            "The way back from a convolution: every input pixel is multiplied with a filter and "
            "painted into a larger image, strides pixels apart; where the pieces overlap they add "
            "up. Used in autoencoders, segmentation and image generators to lead small feature "
            "maps back to a large image. A kernel_size that is a multiple of strides avoids "
            "checkerboard patterns; UpSampling2D followed by Conv2D avoids them altogether. Output "
            "height with padding 'same' = height × strides. Multiply-adds = input height × input "
            "width × input channels × kernel height × kernel width × filters.");
}

} // namespace nn::layers
