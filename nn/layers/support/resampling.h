#pragma once

#include "nn/exec/kernel.h"
#include "nn/kernels/border.h"
#include "nn/kernels/resample.h"
#include "nn/layers/support/extent.h"

#include <memory>

namespace nn {

template <>
struct ChoiceNames<Interpolation> {
    static constexpr std::array<std::string_view, 5> names{"nearest", "bilinear", "bicubic",
                                                           "lanczos3", "lanczos5"};
};

[[nodiscard]] ParamDetail interpolationDetail();
/// What resampling to `output` costs.
[[nodiscard]] LayerCost resamplingCost(Interpolation interpolation, const Shape& output);

/// How many pixels on each side of the nearest one take part when an image is enlarged.
[[nodiscard]] std::int64_t resamplingReach(Interpolation interpolation);

/// How images of `channels` channels are stretched.
struct Resampling {
    ResampleSpan vertical;
    ResampleSpan horizontal;
    std::int64_t channels = 1;
    float fill = 0.0F; ///< The value outside the image.
};
[[nodiscard]] std::shared_ptr<const Kernel> resamplingKernel(const Resampling& resampling);

/// Puts images into larger or smaller frames.
[[nodiscard]] std::shared_ptr<const Kernel> framingKernel(const BorderGeometry& geometry);

/// The largest centred part of `image` with the ratio of height to width of `target`; as Keras
/// rounds it.
[[nodiscard]] Size2 partOfRatio(const Size2& image, const Size2& target);
/// The smallest size with that ratio that contains `image`.
[[nodiscard]] Size2 frameOfRatio(const Size2& image, const Size2& target);

/// The part [begin, begin + length) of `sources` cells stretched over `targets` cells.
[[nodiscard]] ResampleSpan croppedSpan(std::int64_t sources, std::int64_t length,
                                       std::int64_t targets, Interpolation interpolation);

} // namespace nn
