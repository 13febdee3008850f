#include "nn/layers/support/framing.h"

namespace nn::layers {

LayerDef zero_padding2d() {
    return defineFraming<Size2, 1>("ZeroPadding2D", FramingKind::Padding,
                                   "Surrounds an image with zeros.")
        .formulas("height = input height + top + bottom, width = input width + left + right; "
                  "channels stay")
        .help("Adds rows and columns of zeros around the image. Convolutions with padding 'same' "
              "do this by themselves; this layer is for borders of another width, or only on some "
              "sides: ResNet and MobileNet pad before a convolution with strides 2, as their first "
              "implementations did. No weights.");
}

} // namespace nn::layers
