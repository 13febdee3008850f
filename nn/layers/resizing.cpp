#include "nn/layers/support/resampling.h"

namespace nn {

namespace {

/// Keras knows no other.
enum class FillMode { Constant };

} // namespace

template <>
struct ChoiceNames<FillMode> {
    static constexpr std::array<std::string_view, 1> names{"constant"};
};

namespace layers {

namespace {

struct Resizing {
    std::int64_t height = 32;
    std::int64_t width = 32;
    Interpolation interpolation = Interpolation::Bilinear;
    bool cropToAspectRatio = false;
    bool padToAspectRatio = false;
    FillMode fillMode = FillMode::Constant;
    double fillValue = 0.0;
    bool antialias = false;

    [[nodiscard]] Size2 size() const { return {height, width}; }
};
using Definition = DefineLayer<Resizing>;

Definition::Shaped shapeOf(const Resizing& options, Definition::Inputs inputs) {
    if (auto problem = imageProblem("Resizing", inputs[0])) {
        return tl::unexpected(*problem);
    }
    if (options.cropToAspectRatio && options.padToAspectRatio) {
        return layerProblem("Resizing either crops or pads to keep the aspect ratio, but both are "
                            "switched on. Switch one of them off.",
                            "pad_to_aspect_ratio");
    }
    const Shape output{options.height, options.width, inputs[0][2]};
    if (auto problem = sizeProblem("Resizing", "its output", output, "height")) {
        return tl::unexpected(*problem);
    }
    return output;
}

/// The part of `image` that is stretched; it may be larger than the image.
Size2 stretchedSize(const Resizing& options, const Size2& image) {
    if (options.cropToAspectRatio) {
        return partOfRatio(image, options.size());
    }
    if (options.padToAspectRatio) {
        // The same number of rows on both sides, so an odd one is left out.
        const Size2 frame = frameOfRatio(image, options.size());
        return {image.height + (frame.height - image.height) / 2 * 2,
                image.width + (frame.width - image.width) / 2 * 2};
    }
    return image;
}

std::shared_ptr<const Kernel> kernelOf(const Resizing& options, Definition::Inputs inputs,
                                       const Shape& output) {
    const Shape& image = inputs[0];
    const Size2 part = stretchedSize(options, {image[0], image[1]});
    Resampling resampling{
        .vertical = croppedSpan(image[0], part.height, output[0], options.interpolation),
        .horizontal = croppedSpan(image[1], part.width, output[1], options.interpolation),
        .channels = image[2],
        .fill = static_cast<float>(options.fillValue)};
    resampling.vertical.antialias = options.antialias;
    resampling.horizontal.antialias = options.antialias;
    return resamplingKernel(resampling);
}

void addAspectRatio(Definition& definition) {
    definition
        .param(&Resizing::cropToAspectRatio, "crop_to_aspect_ratio",
               {.help = "Cuts the image to the new ratio of height to width first, so that nothing "
                        "is distorted. The largest centred part stays."})
        .param(&Resizing::padToAspectRatio, "pad_to_aspect_ratio",
               {.help = "Puts borders around the image to reach the new ratio of height to width, "
                        "so that nothing is distorted or lost."})
        .param(&Resizing::fillMode, "fill_mode",
               {.help = "What the borders are filled with; constant is the only way there is in "
                        "Keras.",
                .shownWhenParam = "pad_to_aspect_ratio",
                .shownWhenNot = false})
        .param(&Resizing::fillValue, "fill_value",
               {.min = -1'000'000,
                .max = 1'000'000,
                .help = "The value of the borders that pad_to_aspect_ratio adds.",
                .shownWhenParam = "pad_to_aspect_ratio",
                .shownWhenNot = false});
}

} // namespace

LayerDef resizing() {
    Definition definition("Resizing", Category::Reshaping,
                          "Brings images of any size to one height and width.");
    definition
        .help("Stretches or shrinks every image to height × width. As the first layer after an "
              "Input of open size it lets a network accept images of any size. Shrinking by a "
              "large factor without antialias skips pixels and shows jagged edges. No weights.")
        .param(&Resizing::height, "height",
               {.min = 1,
                .max = 65'536,
                .step = 1,
                .unit = "px",
                .help = "Height of the images that come out.",
                .required = true})
        .param(&Resizing::width, "width",
               {.min = 1,
                .max = 65'536,
                .step = 1,
                .unit = "px",
                .help = "Width of the images that come out.",
                .required = true})
        .param(&Resizing::interpolation, "interpolation", interpolationDetail());
    addAspectRatio(definition);
    definition
        .param(&Resizing::antialias, "antialias",
               {.help = "Averages over more pixels when shrinking, so that fine patterns do not "
                        "turn into coarse ones. No effect with nearest or when enlarging."})
        .shape(shapeOf)
        .kernel(kernelOf)
        .cost([](const Resizing& options, Definition::Inputs /*inputs*/, const Shape& output) {
            return resamplingCost(options.interpolation, output);
        })
        .window([](const Resizing& /*options*/, Definition::Inputs /*inputs*/) {
            return Window{.global = true};
        })
        .formulas("height × width × input channels")
        .example({{5, 7, 3}}, {{"height", std::int64_t{4}}, {"width", std::int64_t{9}}});
    return definition;
}

} // namespace layers

} // namespace nn
