#include "nn/layers/support/chain.h"

#include "nn/layers/support/colours.h"
#include "nn/layers/support/tones.h"
#include "nn/layers/support/warp.h"

#include <algorithm>

namespace nn {

void AugmentationChain::apply(RandomSequence& random, std::span<const float> image,
                              std::span<float> result) const {
    std::vector<float> current(image.begin(), image.end());
    for (const auto& step : m_steps) {
        step->apply(random, current, result);
        std::ranges::copy(result, current.begin());
    }
    std::ranges::copy(current, result.begin());
}

void AugmentationChain::applyBackward(RandomSequence& random, std::span<const float> image,
                                      std::span<const float> resultGradient,
                                      std::span<float> imageGradient) const {
    // What each step saw, and where its random numbers began.
    std::vector<std::vector<float>> seen{{image.begin(), image.end()}};
    std::vector<RandomSequence> begins;
    for (const auto& step : m_steps) {
        begins.push_back(random);
        std::vector<float> next(image.size());
        step->apply(random, seen.back(), next);
        seen.push_back(std::move(next));
    }
    std::vector<float> gradient(resultGradient.begin(), resultGradient.end());
    for (std::size_t i = m_steps.size(); i-- > 0;) {
        m_steps[i]->applyBackward(begins[i], seen[i], gradient, imageGradient);
        std::ranges::copy(imageGradient, gradient.begin());
    }
    std::ranges::copy(gradient, imageGradient.begin());
}

AugmentationSteps usualOperations(const OperationOptions& options, const Shape& image) {
    const FactorRange& factor = options.factor;
    const ValueRange& range = options.range;
    const WarpOptions fill{.interpolation = options.interpolation};
    const auto warp = [&](Warp::Draw draw) {
        return std::make_shared<Warp>(fill, image, image, std::move(draw));
    };
    const auto bits = std::max<std::int64_t>(1, static_cast<std::int64_t>(8.0 * factor.upper));
    AugmentationSteps steps{warp(shearDraw(factor, factor)),
                            warp(translationDraw(factor, factor, image)),
                            warp(rotationDraw(factor, image)),
                            posterization(1, bits, range),
                            solarization(factor, factor, range),
                            contrastStretch(range, image[2]),
                            histogramEqualization(range, 256, image[2]),
                            brightnessChange(factor, range),
                            contrastChange(factor, range, image[2]),
                            sharpnessChange(factor, range, image)};
    if (image[2] == 3) {
        steps.push_back(colourLoss(factor, range));
    }
    return steps;
}

} // namespace nn
