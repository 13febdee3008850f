#include "nn/layers/support/warp.h"

namespace nn {

/// Along which axes an image may be flipped.
enum class FlipMode { Horizontal, Vertical, HorizontalAndVertical };
template <>
struct ChoiceNames<FlipMode> {
    static constexpr std::array<std::string_view, 3> names{"horizontal", "vertical",
                                                           "horizontal_and_vertical"};
};

namespace layers {
namespace {

struct RandomFlip {
    FlipMode mode = FlipMode::HorizontalAndVertical;
    std::optional<std::int64_t> seed;
};
using Definition = DefineLayer<RandomFlip>;

std::shared_ptr<const Kernel> kernelOf(const RandomFlip& options, Definition::Inputs inputs,
                                       const Shape& output) {
    const bool across = options.mode != FlipMode::Vertical;
    const bool down = options.mode != FlipMode::Horizontal;
    const auto lastColumn = static_cast<double>(output[1] - 1);
    const auto lastRow = static_cast<double>(output[0] - 1);
    WarpArguments warp;
    warp.seed = options.seed;
    warp.interpolation = WarpInterpolation::Nearest;
    return warpKernel(warp, inputs[0], [=](RandomSequence& random) {
        PlaneMap map;
        if (const bool flips = random.uniform() < 0.5; across && flips) {
            map.ax = -1.0;
            map.a = lastColumn;
        }
        if (const bool flips = random.uniform() < 0.5; down && flips) {
            map.by = -1.0;
            map.b = lastRow;
        }
        return map;
    });
}

} // namespace

LayerDef random_flip() {
    return Definition("RandomFlip", Category::Augmentation,
                      "Mirrors every other image while training.")
        .help("While training, each image is mirrored with probability ½, left to right, upside "
              "down, or each by itself. The network sees twice as many images, so it overfits "
              "less. Use horizontal for photographs; neither fits digits and letters, which mean "
              "something else when mirrored. When predicting, it does nothing.")
        .param(&RandomFlip::mode, "mode",
               {.help = "horizontal swaps left and right, vertical top and bottom."})
        .param(&RandomFlip::seed, "seed", augmentationSeedDetail())
        .randomWhenTraining()
        .shape([](const RandomFlip&, Definition::Inputs inputs) {
            return augmentedShape("RandomFlip", inputs[0]);
        })
        .kernel(kernelOf)
        .formulas("as the input")
        .example({{6, 5, 3}});
}

} // namespace layers
} // namespace nn
