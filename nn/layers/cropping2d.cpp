#include "nn/layers/support/framing.h"

namespace nn::layers {

LayerDef cropping2d() {
    return defineFraming<Size2, 0>("Cropping2D", FramingKind::Cropping,
                                   "Cuts rows and columns off the border of an image.")
        .formulas("height = input height − top − bottom, width = input width − left − right; "
                  "channels stay")
        .help("Cuts off rows and columns at the four sides. Used where two branches are to be "
              "joined but one of them is a little larger, as in the first U-Net, and to remove "
              "what padding has spoilt at the border. No weights.")
        .example({{6, 7, 3}}, {{"cropping", Borders{.top = 1, .left = 1, .right = 1}}});
}

} // namespace nn::layers
