#include "nn/layers/support/tones.h"

namespace nn::layers {

namespace {

struct Equalization {
    std::vector<double> valueRange{0.0, 255.0};
    std::int64_t bins = 256;
};
using Definition = DefineLayer<Equalization>;

} // namespace

LayerDef equalization() {
    return Definition("Equalization", Category::Augmentation,
                      "Spreads the values of each image so that all are about equally frequent.")
        .help("While training, the values of every channel of an image are counted in bins, and "
              "replaced so that dark, medium and light ones are about equally frequent: details "
              "that lay in few values become visible. Each image is counted by itself. It passes "
              "no gradient on, so it belongs before all layers that learn. When predicting, it "
              "does nothing, as Keras' class.")
        .param(&Equalization::valueRange, "value_range", valueRangeDetail())
        .param(&Equalization::bins, "bins",
               {.min = 2,
                .max = 65536,
                .step = 1,
                .help = "How many bins values are counted in; 256 suits images of eight bits."})
        .randomWhenTraining()
        .shape([](const Equalization& options, Definition::Inputs inputs) {
            return rangedShape("Equalization", inputs[0], options.valueRange);
        })
        .kernel([](const Equalization& options, Definition::Inputs inputs, const Shape& output) {
            return augmentationKernel(
                histogramEqualization(valueRange(options.valueRange), options.bins, output[2]),
                std::nullopt, inputs[0], output);
        })
        .formulas("as the input")
        .example({{6, 5, 3}}, {{"value_range", std::vector<double>{-1.0, 1.0}}});
}

} // namespace nn::layers
