#include "nn/layers/support/sampler.h"

#include <cmath>

namespace nn {
namespace {

constexpr std::int64_t kNoPixel = -1;

/// The pixel that stands for one outside of the image; `kNoPixel` for none.
std::int64_t insideIndex(FillMode mode, std::int64_t index, std::int64_t extent) {
    if (index >= 0 && index < extent) {
        return index;
    }
    const auto modulo = [](std::int64_t value, std::int64_t period) {
        return (value % period + period) % period;
    };
    switch (mode) {
    case FillMode::Constant:
        return kNoPixel;
    case FillMode::Nearest:
        return std::clamp<std::int64_t>(index, 0, extent - 1);
    case FillMode::Wrap:
        return modulo(index, extent);
    case FillMode::Reflect: {
        const std::int64_t folded = modulo(index, 2 * extent);
        return std::min(folded, 2 * extent - 1 - folded);
    }
    }
    return kNoPixel;
}

} // namespace

ImageSampler::ImageSampler(const WarpOptions& options, const Shape& input, const Shape& output)
    : m_options(options), m_height(input[0]), m_width(input[1]),
      m_channels(static_cast<std::size_t>(input[2])), m_outHeight(output[0]),
      m_outWidth(output[1]) {}

ImageSampler::Neighbours ImageSampler::neighbours(double position, std::int64_t extent) const {
    // Far outside any whole number would do; this keeps the conversion defined, of NaN too.
    constexpr double kFar = 1e15;
    position = position > -kFar ? std::min(position, kFar) : -kFar;
    const auto index = [&](double pixel) {
        return insideIndex(m_options.fillMode, static_cast<std::int64_t>(pixel), extent);
    };
    if (m_options.interpolation == WarpInterpolation::Nearest) {
        return {{index(std::round(position)), kOutside}, {1.0F, 0.0F}};
    }
    const double first = std::floor(position);
    const auto second = static_cast<float>(position - first);
    return {{index(first), index(first + 1.0)}, {1.0F - second, second}};
}

} // namespace nn
