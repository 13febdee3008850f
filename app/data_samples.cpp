#include "app/data_samples.h"

namespace app {

namespace {

constexpr std::size_t kShownSamples = 240;

} // namespace

std::vector<qint64> shownSamples(const nn::data::Dataset& dataset, int label) {
    std::vector<std::vector<qint64>> byClass(static_cast<std::size_t>(dataset.classCount()));
    const auto labels = dataset.labels();
    for (std::size_t i = 0; i < labels.size(); ++i) {
        auto& images = byClass[static_cast<std::size_t>(labels[i])];
        if (images.size() < kShownSamples) {
            images.push_back(static_cast<qint64>(i));
        }
    }
    if (label >= 0) {
        return byClass[static_cast<std::size_t>(label)];
    }
    std::vector<qint64> indices;
    for (std::size_t round = 0; indices.size() < kShownSamples; ++round) {
        const std::size_t before = indices.size();
        for (const auto& images : byClass) {
            if (round < images.size() && indices.size() < kShownSamples) {
                indices.push_back(images[round]);
            }
        }
        if (indices.size() == before) {
            break;
        }
    }
    return indices;
}

} // namespace app
