#include "nn/layers/support/warp.h"

#include <algorithm>
#include <cmath>

namespace nn {
namespace {

constexpr std::int64_t kOutside = -1;

/// The pixel that stands for one outside of the image; `kOutside` for none.
std::int64_t insideIndex(FillMode mode, std::int64_t index, std::int64_t extent) {
    if (index >= 0 && index < extent) {
        return index;
    }
    const auto modulo = [](std::int64_t value, std::int64_t period) {
        return (value % period + period) % period;
    };
    switch (mode) {
    case FillMode::Constant:
        return kOutside;
    case FillMode::Nearest:
        return std::clamp<std::int64_t>(index, 0, extent - 1);
    case FillMode::Wrap:
        return modulo(index, extent);
    case FillMode::Reflect: {
        const std::int64_t folded = modulo(index, 2 * extent);
        return std::min(folded, 2 * extent - 1 - folded);
    }
    }
    return kOutside;
}

/// Up to two neighbouring pixels along one axis and their shares.
struct Neighbours {
    std::array<std::int64_t, 2> index{kOutside, kOutside};
    std::array<float, 2> share{0.0F, 0.0F};
};

Neighbours neighbours(const WarpOptions& options, double position, std::int64_t extent) {
    // Far outside any whole number would do; this keeps the conversion defined.
    constexpr double kFar = 1e15;
    position = std::clamp(position, -kFar, kFar);
    const auto index = [&](double pixel) {
        return insideIndex(options.fillMode, static_cast<std::int64_t>(pixel), extent);
    };
    if (options.interpolation == WarpInterpolation::Nearest) {
        return {{index(std::round(position)), kOutside}, {1.0F, 0.0F}};
    }
    const double first = std::floor(position);
    const auto second = static_cast<float>(position - first);
    return {{index(first), index(first + 1.0)}, {1.0F - second, second}};
}

} // namespace

Warp::Warp(const WarpOptions& options, const Shape& input, const Shape& output, Draw draw)
    : m_options(options), m_height(input[0]), m_width(input[1]),
      m_channels(static_cast<std::size_t>(input[2])), m_outHeight(output[0]), m_outWidth(output[1]),
      m_draw(std::move(draw)) {}

/// Calls visit(first float of the output pixel, first float of the source pixel or `kOutside`,
/// share) for each of the pixels that an output pixel is mixed from.
template <typename Visit>
void Warp::eachTap(const AffineMap& map, const Visit& visit) const {
    const auto channels = static_cast<std::int64_t>(m_channels);
    for (std::int64_t pixel = 0; pixel < m_outHeight * m_outWidth; ++pixel) {
        const auto x = static_cast<double>(pixel % m_outWidth);
        const auto y = static_cast<double>(pixel / m_outWidth);
        const Neighbours across = neighbours(m_options, map.ax * x + map.ay * y + map.a, m_width);
        const Neighbours down = neighbours(m_options, map.bx * x + map.by * y + map.b, m_height);
        for (std::size_t tap = 0; tap < 4; ++tap) {
            const float share = down.share[tap / 2] * across.share[tap % 2];
            if (share == 0.0F) {
                continue;
            }
            const std::int64_t row = down.index[tap / 2];
            const std::int64_t column = across.index[tap % 2];
            const bool isInside = row != kOutside && column != kOutside;
            visit(static_cast<std::size_t>(pixel * channels),
                  isInside ? (row * m_width + column) * channels : kOutside, share);
        }
    }
}

void Warp::move(const AffineMap& map, std::span<const float> image, std::span<float> result) const {
    std::ranges::fill(result, 0.0F);
    const auto fill = static_cast<float>(m_options.fillValue);
    eachTap(map, [&](std::size_t target, std::int64_t source, float share) {
        const std::span<float> pixel = result.subspan(target, m_channels);
        if (source == kOutside) {
            std::ranges::transform(pixel, pixel.begin(),
                                   [&](float value) { return value + share * fill; });
            return;
        }
        const auto from = image.subspan(static_cast<std::size_t>(source), m_channels);
        std::ranges::transform(pixel, from, pixel.begin(),
                               [share](float value, float added) { return value + share * added; });
    });
}

void Warp::apply(RandomSequence& random, std::span<const float> image,
                 std::span<float> result) const {
    move(m_draw(random), image, result);
}

void Warp::applyBackward(RandomSequence& random, std::span<const float> /*image*/,
                         std::span<const float> resultGradient,
                         std::span<float> imageGradient) const {
    std::ranges::fill(imageGradient, 0.0F);
    eachTap(m_draw(random), [&](std::size_t target, std::int64_t source, float share) {
        if (source == kOutside) {
            return;
        }
        const auto to = imageGradient.subspan(static_cast<std::size_t>(source), m_channels);
        std::ranges::transform(to, resultGradient.subspan(target, m_channels), to.begin(),
                               [share](float value, float added) { return value + share * added; });
    });
}

void Warp::predict(std::span<const float> image, std::span<float> result) const {
    move(*m_predicting, image, result);
}

std::shared_ptr<const Kernel> warpKernel(const WarpArguments& options, const Shape& image,
                                         Warp::Draw draw) {
    return augmentationKernel(std::make_shared<Warp>(options, image, image, std::move(draw)),
                              options.seed, image, image);
}

} // namespace nn
