#include "nn/layers/support/pooling.h"

namespace nn {

DefineLayer<Pooling> definePooling(const std::string& type, std::string summary) {
    using Inputs = DefineLayer<Pooling>::Inputs;
    DefineLayer<Pooling> definition(type, Category::Pooling, std::move(summary));
    definition
        .param(&Pooling::poolSize, "pool_size",
               {.min = 1,
                .max = 4'096,
                .step = 1,
                .unit = "px",
                .help = "Height and width of the window. 2×2 leaves half of each, 3×3 a third.",
                .required = true})
        .param(&Pooling::strides, "strides",
               {.min = 1,
                .max = 4'096,
                .step = 1,
                .unit = "px",
                .help = "How far the window moves between two positions. None moves it by its own "
                        "size; smaller steps let windows overlap."})
        .param(&Pooling::padding, "padding", paddingDetail())
        .shape([type](const Pooling& options, Inputs inputs) -> DefineLayer<Pooling>::Shaped {
            if (auto problem = imageProblem(type, inputs[0])) {
                return tl::unexpected(*problem);
            }
            return slidShape(type, options.window(), inputs[0], inputs[0][2], "pool_size");
        })
        .window([](const Pooling& options, Inputs inputs) {
            return options.window().window(inputs[0]);
        })
        .example({{9, 8, 3}});
    return definition;
}

LayerCost poolingCost(const Pooling& options, const Shape& output) {
    return {.otherOperations = saturatedProduct(
                {elementsOrZero(output), options.poolSize.height, options.poolSize.width})};
}

PoolGeometry poolGeometry(const Pooling& options, const Shape& image, const Shape& output) {
    const WindowOptions window = options.window();
    return {.inHeight = image[0],
            .inWidth = image[1],
            .channels = image[2],
            .outHeight = output[0],
            .outWidth = output[1],
            .poolHeight = window.kernel.height,
            .poolWidth = window.kernel.width,
            .strideHeight = window.strides.height,
            .strideWidth = window.strides.width,
            .padTop = window.vertical(image).padBefore(),
            .padLeft = window.horizontal(image).padBefore()};
}

} // namespace nn
