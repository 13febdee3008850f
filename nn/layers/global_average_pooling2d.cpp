#include "nn/layers/support/shapes.h"

namespace nn::layers {

namespace {

struct GlobalAveragePooling2D {
    bool keepdims = false;
};
using Definition = DefineLayer<GlobalAveragePooling2D>;

Definition::Shaped shapeOf(const GlobalAveragePooling2D& options, Definition::Inputs inputs) {
    const Shape& image = inputs[0];
    if (auto problem = imageProblem("GlobalAveragePooling2D", image)) {
        return tl::unexpected(*problem);
    }
    return options.keepdims ? Shape{1, 1, image[2]} : Shape{image[2]};
}

LayerCost costOf(const GlobalAveragePooling2D& /*options*/, Definition::Inputs inputs,
                 const Shape& /*output*/) {
    return {.otherOperations = elementsOrZero(inputs[0])};
}

Window windowOf(const GlobalAveragePooling2D& /*options*/, Definition::Inputs /*inputs*/) {
    return {.global = true};
}

} // namespace

LayerDef global_average_pooling2d() {
    return Definition("GlobalAveragePooling2D", Category::Pooling,
                      "Shrinks each channel to its mean: one number per feature map.")
        .help("Averages every channel over the whole image, so an image of any size becomes one "
              "number per channel: how much of each feature it contains. The modern way from "
              "feature maps to Dense: compared with Flatten, the Dense layer after it needs height "
              "× width times fewer weights and overfits less. No weights of its own.")
        .param(&GlobalAveragePooling2D::keepdims, "keepdims",
               {.help = "Keeps height and width as 1×1, so that layers for images can follow."})
        .shape(shapeOf)
        .cost(costOf)
        .window(windowOf)
        .example({{5, 4, 3}});
}

} // namespace nn::layers
