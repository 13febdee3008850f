#pragma once

#include "nn/layers/support/augmentation.h"
#include "nn/layers/support/sampler.h"

#include <memory>
#include <vector>

namespace nn {

using AugmentationSteps = std::vector<std::shared_ptr<const Augmentation>>;

/// Augmentations one after the other.
class AugmentationChain final : public Augmentation {
public:
    explicit AugmentationChain(AugmentationSteps steps) : m_steps(std::move(steps)) {}

    void apply(RandomSequence& random, std::span<const float> image,
               std::span<float> result) const override;
    void applyBackward(RandomSequence& random, std::span<const float> image,
                       std::span<const float> resultGradient,
                       std::span<float> imageGradient) const override;

private:
    AugmentationSteps m_steps;
};

/// How strong the usual operations are.
struct OperationOptions {
    FactorRange factor;
    ValueRange range;
    WarpInterpolation interpolation = WarpInterpolation::Bilinear;
};
/// The operations that RandAugment and AugMix choose from: shear, translation, rotation,
/// posterization, solarization, contrast stretch, equalization, brightness, contrast, sharpness,
/// loss of colour. The last needs three channels, and is left out for other images.
[[nodiscard]] AugmentationSteps usualOperations(const OperationOptions& options,
                                                const Shape& image);
/// The first so many of them change places and tones only.
inline constexpr std::size_t kPlainOperations = 7;

} // namespace nn
