#include "nn/layers/support/up_sampling.h"

namespace nn::layers {

LayerDef up_sampling2d() {
    auto definition = defineUpSampling<Size2>(
        "UpSampling2D", "Enlarges an image by repeating or interpolating its pixels.");
    definition.formulas("height = input height · size, width likewise; channels stay")
        .help(
            "Makes each feature map size times as high and as wide. Autoencoders and segmentation "
            "networks use it to lead small feature maps back to a large image, usually followed "
            "by Conv2D, which learns how to draw the details; unlike Conv2DTranspose it has no "
            "weights and leaves no checkerboard pattern. Interpolation other than nearest gives "
            "smoother images and costs more.")
        .param(&UpSampling<Size2>::interpolation, "interpolation", interpolationDetail());
    return definition;
}

} // namespace nn::layers
