#include "tests/support/training.h"

#include "nn/base/random.h"
#include "tests/support/text_graph.h"

namespace tests {

nn::data::Dataset corners(std::int64_t images, std::uint64_t seed) {
    constexpr int side = 8;
    nn::data::DatasetParts parts;
    parts.shape = {.height = side, .width = side, .channels = 1};
    parts.classNames = {"top left", "top right", "bottom left", "bottom right"};
    nn::RandomSequence random({.seed = seed});
    for (std::int64_t i = 0; i < images; ++i) {
        const auto label = static_cast<std::int32_t>(i % 4);
        for (int y = 0; y < side; ++y) {
            for (int x = 0; x < side; ++x) {
                const bool bright = (y < 4) == (label < 2) && (x < 4) == (label % 2 == 0);
                const double value = (bright ? 150.0 : 20.0) + 60.0 * random.uniform();
                parts.pixels.push_back(static_cast<std::uint8_t>(value));
            }
        }
        parts.labels.push_back(label);
    }
    return *nn::data::Dataset::fromParts(std::move(parts));
}

nn::TrainJob cornerJob() {
    nn::TrainJob job;
    job.graph = graph("8x8x1 -> Conv2D(4, activation=relu) -> BatchNormalization -> "
                      "MaxPooling2D -> Flatten -> Dropout(0.2) -> Dense(4, activation=softmax)");
    job.training = corners(64);
    job.validation = corners(32, 2);
    job.settings = {.batchSize = 10, .epochs = 3, .threads = 1};
    return job;
}

} // namespace tests
