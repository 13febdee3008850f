#pragma once

#include "nn/model/define_params.h"
#include "nn/tensor/shape.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace nn {

/// What lies outside of an image.
enum class FillMode { Constant, Nearest, Wrap, Reflect };
template <>
struct ChoiceNames<FillMode> {
    static constexpr std::array<std::string_view, 4> names{"constant", "nearest", "wrap",
                                                           "reflect"};
};

/// How a value between pixels is found.
enum class WarpInterpolation { Nearest, Bilinear };
template <>
struct ChoiceNames<WarpInterpolation> {
    static constexpr std::array<std::string_view, 2> names{"nearest", "bilinear"};
};

/// How a warped image is filled.
struct WarpOptions {
    FillMode fillMode = FillMode::Reflect;
    WarpInterpolation interpolation = WarpInterpolation::Bilinear;
    double fillValue = 0.0;
};

/// A place in an image; whole numbers are the middles of pixels.
struct PixelPosition {
    double column = 0.0;
    double row = 0.0;
};

/// Reads an image (height, width, channels) between its pixels and beyond its border. A map says
/// where the output pixel (x, y) comes from: map(double x, double y) is a `PixelPosition`.
class ImageSampler {
public:
    ImageSampler(const WarpOptions& options, const Shape& input, const Shape& output);

    template <typename Map>
    void read(const Map& map, std::span<const float> image, std::span<float> result) const {
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
            std::ranges::transform(pixel, from, pixel.begin(), [share](float value, float added) {
                return value + share * added;
            });
        });
    }

    /// The gradient with respect to the image from that with respect to what was read.
    template <typename Map>
    void readBackward(const Map& map, std::span<const float> resultGradient,
                      std::span<float> imageGradient) const {
        std::ranges::fill(imageGradient, 0.0F);
        eachTap(map, [&](std::size_t target, std::int64_t source, float share) {
            if (source == kOutside) {
                return;
            }
            const auto to = imageGradient.subspan(static_cast<std::size_t>(source), m_channels);
            std::ranges::transform(
                to, resultGradient.subspan(target, m_channels), to.begin(),
                [share](float value, float added) { return value + share * added; });
        });
    }

private:
    static constexpr std::int64_t kOutside = -1;

    /// Up to two neighbouring pixels along one axis and their shares.
    struct Neighbours {
        std::array<std::int64_t, 2> index{kOutside, kOutside};
        std::array<float, 2> share{0.0F, 0.0F};
    };
    [[nodiscard]] Neighbours neighbours(double position, std::int64_t extent) const;

    /// Calls visit(first float of the output pixel, first float of the source pixel or `kOutside`,
    /// share) for each of the pixels that an output pixel is mixed from.
    template <typename Map, typename Visit>
    void eachTap(const Map& map, const Visit& visit) const {
        const auto channels = static_cast<std::int64_t>(m_channels);
        for (std::int64_t pixel = 0; pixel < m_outHeight * m_outWidth; ++pixel) {
            const PixelPosition from = map(static_cast<double>(pixel % m_outWidth),
                                           static_cast<double>(pixel / m_outWidth));
            const Neighbours across = neighbours(from.column, m_width);
            const Neighbours down = neighbours(from.row, m_height);
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

    WarpOptions m_options;
    std::int64_t m_height;
    std::int64_t m_width;
    std::size_t m_channels;
    std::int64_t m_outHeight;
    std::int64_t m_outWidth;
};

} // namespace nn
