#include "nn/layers/support/warp.h"

#include <algorithm>

namespace nn::layers {

namespace {

struct RandomCrop {
    std::int64_t height = 24;
    std::int64_t width = 24;
    std::optional<std::int64_t> seed;
};
using Definition = DefineLayer<RandomCrop>;

Definition::Shaped shapeOf(const RandomCrop& options, Definition::Inputs inputs) {
    const Shape& image = inputs[0];
    if (auto problem = imageProblem("RandomCrop", image)) {
        return tl::unexpected(*problem);
    }
    const Shape output{options.height, options.width, image[2]};
    if (auto problem = sizeProblem("RandomCrop", "its output", output, "height")) {
        return tl::unexpected(*problem);
    }
    return output;
}

/// Along one axis: the middle `part` pixels of the input stretched to `target` pixels.
struct Stretch {
    double scale = 1.0;
    double start = 0.0;
};
Stretch stretched(std::int64_t input, std::int64_t part, std::int64_t target) {
    const double scale = static_cast<double>(part) / static_cast<double>(target);
    const auto start = static_cast<double>((input - part) / 2);
    return {scale, start + 0.5 * scale - 0.5};
}

/// The largest window in the middle that has the proportions of the target, resized to it.
PlaneMap middle(const RandomCrop& options, const Shape& image) {
    const std::int64_t tall =
        std::clamp<std::int64_t>(image[1] * options.height / options.width, 1, image[0]);
    const std::int64_t wide =
        std::clamp<std::int64_t>(image[0] * options.width / options.height, 1, image[1]);
    const Stretch across = stretched(image[1], wide, options.width);
    const Stretch down = stretched(image[0], tall, options.height);
    return {.ax = across.scale, .a = across.start, .by = down.scale, .b = down.start};
}

std::shared_ptr<const Kernel> kernelOf(const RandomCrop& options, Definition::Inputs inputs,
                                       const Shape& output) {
    const std::int64_t freeRows = inputs[0][0] - options.height;
    const std::int64_t freeColumns = inputs[0][1] - options.width;
    const PlaneMap whole = middle(options, inputs[0]);
    const auto draw = [=](RandomSequence& random) {
        if (freeRows <= 0 || freeColumns <= 0) {
            return whole;
        }
        PlaneMap map;
        map.b = static_cast<double>(random.below(static_cast<std::uint64_t>(freeRows) + 1));
        map.a = static_cast<double>(random.below(static_cast<std::uint64_t>(freeColumns) + 1));
        return map;
    };
    auto warp =
        std::make_shared<Warp>(WarpOptions{.fillMode = FillMode::Nearest}, inputs[0], output, draw);
    warp->usePredicting(whole);
    warp->useSameForBatch();
    return augmentationKernel(std::move(warp), options.seed, inputs[0], output);
}

} // namespace

LayerDef random_crop() {
    return Definition("RandomCrop", Category::Augmentation,
                      "Cuts a piece out of the images, at random while training.")
        .help("While training, a piece of the size given is cut out at a random place, the same "
              "for all images of a batch. When predicting, and where an image is not larger than "
              "the piece, the largest part in the middle with the same proportions is resized to "
              "that size.")
        .param(&RandomCrop::height, "height",
               {.min = 1,
                .max = 65'536,
                .step = 1,
                .unit = "px",
                .help = "The height of the piece.",
                .required = true})
        .param(&RandomCrop::width, "width",
               {.min = 1,
                .max = 65'536,
                .step = 1,
                .unit = "px",
                .help = "The width of the piece.",
                .required = true})
        .param(&RandomCrop::seed, "seed", augmentationSeedDetail())
        .randomWhenTraining()
        .shape(shapeOf)
        .kernel(kernelOf)
        .formulas("height × width × input channels")
        .example({{7, 8, 3}}, {{"height", std::int64_t{4}}, {"width", std::int64_t{5}}});
}

} // namespace nn::layers
