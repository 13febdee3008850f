#include "nn/layers/support/resampling.h"

namespace nn::layers {

namespace {

struct CenterCrop {
    std::int64_t height = 24;
    std::int64_t width = 24;

    [[nodiscard]] bool fits(const Shape& image) const {
        return image[0] >= height && image[1] >= width;
    }
};
using Definition = DefineLayer<CenterCrop>;

Definition::Shaped shapeOf(const CenterCrop& options, Definition::Inputs inputs) {
    const Shape& image = inputs[0];
    if (auto problem = imageProblem("CenterCrop", image)) {
        return tl::unexpected(*problem);
    }
    if (image[0] == kUnknown || image[1] == kUnknown) {
        return layerProblem("CenterCrop needs images of a known size, but height or width is open "
                            "here. Give the Input layer a fixed shape, or put Resizing before.");
    }
    return Shape{options.height, options.width, image[2]};
}

Window windowOf(const CenterCrop& options, Definition::Inputs inputs) {
    const Shape& image = inputs[0];
    if (!options.fits(image)) {
        return {.global = true};
    }
    return {.padTop = -((image[0] - options.height) / 2),
            .padLeft = -((image[1] - options.width) / 2)};
}

std::shared_ptr<const Kernel> kernelOf(const CenterCrop& options, Definition::Inputs inputs,
                                       const Shape& output) {
    const Shape& image = inputs[0];
    if (options.fits(image)) {
        return framingKernel({.sourceHeight = image[0],
                              .sourceWidth = image[1],
                              .targetHeight = output[0],
                              .targetWidth = output[1],
                              .channels = image[2],
                              .top = -((image[0] - output[0]) / 2),
                              .left = -((image[1] - output[1]) / 2)});
    }
    const Size2 part = partOfRatio({image[0], image[1]}, {output[0], output[1]});
    return resamplingKernel(
        {.vertical = croppedSpan(image[0], part.height, output[0], Interpolation::Bilinear),
         .horizontal = croppedSpan(image[1], part.width, output[1], Interpolation::Bilinear),
         .channels = image[2]});
}

} // namespace

LayerDef center_crop() {
    return Definition("CenterCrop", Category::Reshaping,
                      "Cuts out the middle of an image at a fixed size.")
        .help("Keeps height × width pixels around the middle of the image. If the image is smaller "
              "than that, its largest centred part of the same ratio of height to width is "
              "enlarged with bilinear interpolation instead. Used to bring photos whose subject "
              "is in the middle to the size a network expects. No weights.")
        .param(&CenterCrop::height, "height",
               {.min = 1,
                .max = 65'536,
                .step = 1,
                .unit = "px",
                .help = "Height of the part that is kept.",
                .required = true})
        .param(&CenterCrop::width, "width",
               {.min = 1,
                .max = 65'536,
                .step = 1,
                .unit = "px",
                .help = "Width of the part that is kept.",
                .required = true})
        .shape(shapeOf)
        .kernel(kernelOf)
        .cost(
            [](const CenterCrop& /*options*/, Definition::Inputs /*inputs*/, const Shape& output) {
                return LayerCost{.otherOperations = elementsOrZero(output)};
            })
        .window(windowOf)
        .formulas("height × width × input channels")
        .example({{9, 8, 3}}, {{"height", std::int64_t{2}}, {"width", std::int64_t{2}}});
}

} // namespace nn::layers
