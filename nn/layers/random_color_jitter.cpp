#include "nn/layers/support/chain.h"
#include "nn/layers/support/colours.h"

namespace nn::layers {

namespace {

struct RandomColorJitter {
    std::vector<double> valueRange{0.0, 255.0};
    std::optional<std::vector<double>> brightnessFactor;
    std::optional<std::vector<double>> contrastFactor;
    std::optional<std::vector<double>> saturationFactor;
    std::optional<std::vector<double>> hueFactor;
    std::optional<std::int64_t> seed;
};
using Definition = DefineLayer<RandomColorJitter>;

Definition::Shaped shapeOf(const RandomColorJitter& options, Definition::Inputs inputs) {
    auto shape = rangedShape("RandomColorJitter", inputs[0], options.valueRange);
    if (shape && (options.saturationFactor || options.hueFactor) && (*shape)[2] != 3) {
        return layerProblem("RandomColorJitter changes saturation and hue only of colour images "
                            "with 3 channels (red, green, blue), but its input has " +
                                std::to_string((*shape)[2]) +
                                ". Set saturation_factor and hue_factor to None.",
                            options.hueFactor ? "hue_factor" : "saturation_factor");
    }
    return shape;
}

std::shared_ptr<const Kernel> kernelOf(const RandomColorJitter& options, Definition::Inputs inputs,
                                       const Shape& output) {
    const ValueRange range = valueRange(options.valueRange);
    AugmentationSteps steps;
    if (options.brightnessFactor) {
        steps.push_back(brightnessChange(factorRange(*options.brightnessFactor), range));
    }
    if (options.contrastFactor) {
        steps.push_back(
            contrastChange(factorRange(*options.contrastFactor, 0.0), range, output[2]));
    }
    if (options.saturationFactor) {
        steps.push_back(saturationChange(factorRange(*options.saturationFactor, 0.0)));
    }
    if (options.hueFactor) {
        steps.push_back(hueChange(factorRange(*options.hueFactor, 0.0), range));
    }
    return augmentationKernel(std::make_shared<AugmentationChain>(std::move(steps)), options.seed,
                              inputs[0], output);
}

} // namespace

LayerDef random_color_jitter() {
    return Definition("RandomColorJitter", Category::Augmentation,
                      "Changes brightness, contrast, saturation and hue of each image at random.")
        .help("While training, does what RandomBrightness, RandomContrast, RandomSaturation and "
              "RandomHue do, one after the other; each has its own factor, and those with None "
              "are left out. When predicting, it does nothing.")
        .param(&RandomColorJitter::valueRange, "value_range", valueRangeDetail())
        .param(&RandomColorJitter::brightnessFactor, "brightness_factor",
               factorDetail(-1.0, 1.0,
                            "How much brighter, as a part of the range of values: from -f to f "
                            "for one number f, or between two bounds. None leaves it."))
        .param(&RandomColorJitter::contrastFactor, "contrast_factor",
               factorDetail(0.0, 1.0,
                            "How much the contrast may change: two numbers a, b draw it from 1 − a "
                            "to 1 + b, one number f from 1 to 1 + f. None leaves it."))
        .param(&RandomColorJitter::saturationFactor, "saturation_factor",
               factorDetail(0.0, 1.0,
                            "How strong colours become: 0 is grey, 0.5 unchanged, 1 as strong as "
                            "can be. From 0 to f for one number f, or two bounds. None leaves it."))
        .param(&RandomColorJitter::hueFactor, "hue_factor",
               factorDetail(0.0, 1.0,
                            "How far colours turn, as a part of half the circle of colours: up to "
                            "f for one number f, or two bounds. None leaves them."))
        .param(&RandomColorJitter::seed, "seed", augmentationSeedDetail())
        .randomWhenTraining()
        .shape(shapeOf)
        .kernel(kernelOf)
        .formulas("as the input")
        .example({{6, 5, 3}}, {{"value_range", std::vector<double>{-1.0, 1.0}},
                               {"brightness_factor", std::vector<double>{0.1}},
                               {"contrast_factor", std::vector<double>{0.2}},
                               {"saturation_factor", std::vector<double>{0.3, 0.6}},
                               {"hue_factor", std::vector<double>{0.2}}});
}

} // namespace nn::layers
