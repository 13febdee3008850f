#include "nn/layers/support/tones.h"

namespace nn::layers {

namespace {

struct AutoContrast {
    std::vector<double> valueRange{0.0, 255.0};
};
using Definition = DefineLayer<AutoContrast>;

} // namespace

LayerDef auto_contrast() {
    return Definition("AutoContrast", Category::Augmentation,
                      "Stretches the values of each image over the whole range.")
        .help("In every channel of an image the smallest value becomes the lower end of "
              "value_range and the largest the upper end, the others in proportion: dark and pale "
              "pictures become alike. A channel with one value only stays. Works while training "
              "and when predicting.")
        .param(&AutoContrast::valueRange, "value_range", valueRangeDetail())
        .shape([](const AutoContrast& options, Definition::Inputs inputs) {
            return rangedShape("AutoContrast", inputs[0], options.valueRange);
        })
        .kernel([](const AutoContrast& options, Definition::Inputs inputs, const Shape& output) {
            return augmentationKernel(contrastStretch(valueRange(options.valueRange), output[2]),
                                      std::nullopt, inputs[0], output);
        })
        .formulas("as the input")
        .example({{6, 5, 3}}, {{"value_range", std::vector<double>{-2.0, 2.0}}});
}

} // namespace nn::layers
