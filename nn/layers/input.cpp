#include "nn/layers/support/shapes.h"

namespace nn::layers {

namespace {

struct Input {
    std::vector<std::int64_t> shape{28, 28, 1};
};

DefineLayer<Input>::Shaped shapeOf(const Input& options, DefineLayer<Input>::Inputs /*inputs*/) {
    if (options.shape.empty()) {
        return layerProblem("Input needs at least one number, like (28, 28, 1) for grey images of "
                            "28×28 pixels.",
                            "shape");
    }
    for (const std::int64_t extent : options.shape) {
        if (extent < 1 && extent != kUnknown) {
            return layerProblem("Every part of the Input's shape must be 1 or more, but one is " +
                                    std::to_string(extent) +
                                    ". Write (height, width, channels), like (28, 28, 1).",
                                "shape");
        }
    }
    Shape shape(options.shape);
    if (auto problem = sizeProblem("Input", "one sample", shape, "shape")) {
        return tl::unexpected(*problem);
    }
    return shape;
}

} // namespace

LayerDef input() {
    return DefineLayer<Input>(std::string(kInputType), Category::Input,
                              "Where the images enter the network and what size they have.")
        .formulas("as the argument shape says")
        .help("Every network starts here. The shape is that of one image: height, width and "
              "channels, 1 channel for grey and 3 for colour. The number of images in a batch is "
              "never part of it; summaries show it as None. Images of another size are resized to "
              "this one. An Input has no weights and costs nothing. A network can have several.")
        .arity({.min = 0, .max = 0})
        .param(&Input::shape, "shape",
               {.min = -1,
                .max = 1'048'576,
                .help = "Height, width and channels of one image: 28, 28, 1 for MNIST, 32, 32, 3 "
                        "for CIFAR-10. -1 (None in Keras) leaves a size open.",
                .required = true})
        .shape(shapeOf)
        .example({});
}

} // namespace nn::layers
