#include "nn/layers/support/blur.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace nn {
namespace {

/// Slides weights along one axis of values seen as [outer][extent][inner].
void slide(std::span<const float> weights, std::int64_t extent, std::int64_t inner,
           std::span<const float> values, std::span<float> result) {
    const auto count = static_cast<std::int64_t>(weights.size());
    const std::int64_t outer = static_cast<std::int64_t>(values.size()) / (extent * inner);
    std::ranges::fill(result, 0.0F);
    for (std::int64_t o = 0; o < outer; ++o) {
        for (std::int64_t at = 0; at < extent; ++at) {
            const auto target = result.subspan(static_cast<std::size_t>((o * extent + at) * inner),
                                               static_cast<std::size_t>(inner));
            const std::int64_t first = std::max<std::int64_t>(0, count / 2 - at);
            const std::int64_t last = std::min(count, extent + count / 2 - at);
            for (std::int64_t tap = first; tap < last; ++tap) {
                const std::int64_t source = at + tap - count / 2;
                const float weight = weights[static_cast<std::size_t>(tap)];
                std::ranges::transform(
                    target,
                    values.subspan(static_cast<std::size_t>((o * extent + source) * inner),
                                   static_cast<std::size_t>(inner)),
                    target.begin(),
                    [weight](float sum, float value) { return sum + weight * value; });
            }
        }
    }
}

} // namespace

std::vector<float> gaussianWeights(std::int64_t count, double deviation) {
    std::vector<double> weights(static_cast<std::size_t>(count), 0.0);
    const double middle = static_cast<double>(count - 1) / 2.0;
    for (std::size_t i = 0; i < weights.size(); ++i) {
        const double distance = static_cast<double>(i) - middle;
        weights[i] = distance == 0.0 ? 1.0 : std::exp(-0.5 * std::pow(distance / deviation, 2.0));
    }
    const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
    std::vector<float> result(weights.size());
    std::ranges::transform(weights, result.begin(),
                           [sum](double weight) { return static_cast<float>(weight / sum); });
    return result;
}

void blur(const Shape& image, std::span<const float> across, std::span<const float> down,
          std::span<const float> values, std::span<float> result) {
    std::vector<float> between(values.size());
    slide(across, image[1], image[2], values, between);
    slide(down, image[0], image[1] * image[2], between, result);
}

} // namespace nn
