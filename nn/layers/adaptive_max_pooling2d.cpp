#include "nn/layers/support/pooling.h"

namespace nn::layers {

LayerDef adaptive_max_pooling2d() {
    return defineAdaptivePooling<Size2>("AdaptiveMaxPooling2D", PoolKind::Maximum,
                                        "Keeps the largest values of an image of any size, down to "
                                        "a fixed height and width.")
        .formulas("height and width = output_size; channels stay")
        .help("Cuts the image into output_size nearly equal parts, which may overlap by a pixel, "
              "and keeps the largest value of each. Whatever size comes in, the same size goes "
              "out, so that Flatten and Dense can follow an image of open size. With output_size 1 "
              "it does what GlobalMaxPooling2D does with keepdims. New in Keras 3. No weights.");
}

} // namespace nn::layers
