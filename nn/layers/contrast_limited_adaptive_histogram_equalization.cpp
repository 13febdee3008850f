#include "nn/layers/support/augmentation.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace nn::layers {

namespace {

struct Clahe {
    std::vector<double> valueRange{0.0, 255.0};
    double clipLimit = 4.0;
    Size2 tileGridSize{8, 8};
};
using Definition = DefineLayer<Clahe>;

constexpr std::size_t kLevels = 256;
using Curve = std::array<float, kLevels>;

/// The tiles on both sides of a pixel along one axis, and the share of the second.
struct Between {
    std::int64_t first = 0;
    std::int64_t second = 0;
    float share = 0.0F;
};
Between tilesAround(std::int64_t pixel, std::int64_t tile, std::int64_t count) {
    const auto length = static_cast<double>(tile);
    const double place = (static_cast<double>(pixel) - length / 2.0) / length;
    const double before = std::floor(place);
    const auto inGrid = [count](double index) {
        return std::clamp<std::int64_t>(static_cast<std::int64_t>(index), 0, count - 1);
    };
    return {inGrid(before), inGrid(before + 1.0), static_cast<float>(place - before)};
}

/// Equalizes every tile of an image by its own curve of tones; a pixel takes a mixture of the
/// curves of the tiles around it. Passes no gradient.
class AdaptiveEqualization final : public Augmentation {
public:
    AdaptiveEqualization(const Clahe& options, const Shape& image)
        : m_range(valueRange(options.valueRange)), m_clipLimit(options.clipLimit),
          m_grid(options.tileGridSize), m_height(image[0]), m_width(image[1]),
          m_channels(image[2]), m_tile{(m_height + m_grid.height - 1) / m_grid.height,
                                       (m_width + m_grid.width - 1) / m_grid.width} {}

    [[nodiscard]] bool actsWhenPredicting() const override { return true; }
    void predict(std::span<const float> image, std::span<float> result) const override {
        for (std::int64_t channel = 0; channel < m_channels; ++channel) {
            std::vector<Curve> curves;
            for (std::int64_t tile = 0; tile < m_grid.height * m_grid.width; ++tile) {
                curves.push_back(curveOf(image, channel, tile / m_grid.width, tile % m_grid.width));
            }
            write(image, channel, curves, result);
        }
    }
    void apply(RandomSequence& /*random*/, std::span<const float> image,
               std::span<float> result) const override {
        predict(image, result);
    }
    void applyBackward(RandomSequence& /*random*/, std::span<const float> /*image*/,
                       std::span<const float> /*resultGradient*/,
                       std::span<float> imageGradient) const override {
        std::ranges::fill(imageGradient, 0.0F);
    }

private:
    /// Below and to the right of the image its mirror image goes on.
    [[nodiscard]] std::size_t level(std::span<const float> image, std::int64_t channel,
                                    std::int64_t row, std::int64_t column) const {
        const auto mirrored = [](std::int64_t index, std::int64_t extent) {
            const std::int64_t folded = index % (2 * extent);
            return std::min(folded, 2 * extent - 1 - folded);
        };
        const std::int64_t pixel = mirrored(row, m_height) * m_width + mirrored(column, m_width);
        const double value =
            static_cast<double>(image[static_cast<std::size_t>(pixel * m_channels + channel)]);
        const double byte = (value - static_cast<double>(m_range.least)) * 255.0 /
                            static_cast<double>(m_range.extent());
        return static_cast<std::size_t>(std::clamp(byte, 0.0, 255.0));
    }
    /// How many values lie at each level or below, once levels that are too frequent were cut off
    /// and what was cut off spread over all; stretched to 0 to 255.
    [[nodiscard]] Curve curveOf(std::span<const float> image, std::int64_t channel,
                                std::int64_t tileRow, std::int64_t tileColumn) const {
        std::array<double, kLevels> counts{};
        for (std::int64_t row = 0; row < m_tile.height; ++row) {
            for (std::int64_t column = 0; column < m_tile.width; ++column) {
                counts[level(image, channel, tileRow * m_tile.height + row,
                             tileColumn * m_tile.width + column)] += 1.0;
            }
        }
        const auto area = static_cast<double>(m_tile.height * m_tile.width);
        if (m_clipLimit > 0.0) {
            const double limit = m_clipLimit * area / static_cast<double>(kLevels);
            double excess = 0.0;
            for (double& count : counts) {
                excess += std::max(count - limit, 0.0);
                count = std::min(count, limit);
            }
            for (double& count : counts) {
                count += excess / static_cast<double>(kLevels);
            }
        }
        Curve curve{};
        const double least = counts[0];
        const double extent = area == least ? 1.0 : area - least;
        double sum = 0.0;
        for (std::size_t i = 0; i < kLevels; ++i) {
            sum += counts[i];
            curve[i] = static_cast<float>(std::clamp((sum - least) * 255.0 / extent, 0.0, 255.0));
        }
        return curve;
    }
    void write(std::span<const float> image, std::int64_t channel, const std::vector<Curve>& curves,
               std::span<float> result) const {
        for (std::int64_t row = 0; row < m_height; ++row) {
            const Between down = tilesAround(row, m_tile.height, m_grid.height);
            for (std::int64_t column = 0; column < m_width; ++column) {
                const Between across = tilesAround(column, m_tile.width, m_grid.width);
                const std::size_t at = level(image, channel, row, column);
                const auto tone = [&](std::int64_t tileRow, std::int64_t tileColumn) {
                    return curves[static_cast<std::size_t>(tileRow * m_grid.width + tileColumn)]
                                 [at];
                };
                const float upper = tone(down.first, across.first) * (1.0F - across.share) +
                                    tone(down.first, across.second) * across.share;
                const float lower = tone(down.second, across.first) * (1.0F - across.share) +
                                    tone(down.second, across.second) * across.share;
                const float byte = upper * (1.0F - down.share) + lower * down.share;
                result[static_cast<std::size_t>((row * m_width + column) * m_channels + channel)] =
                    byte / 255.0F * m_range.extent() + m_range.least;
            }
        }
    }

    ValueRange m_range;
    double m_clipLimit;
    Size2 m_grid;
    std::int64_t m_height;
    std::int64_t m_width;
    std::int64_t m_channels;
    Size2 m_tile;
};

} // namespace

LayerDef contrast_limited_adaptive_histogram_equalization() {
    return Definition("ContrastLimitedAdaptiveHistogramEqualization", Category::Augmentation,
                      "Brings out details in every part of an image.")
        .help("The image is cut into tiles; in each of them values are replaced so that all are "
              "about equally frequent, and between the tiles the results are mixed, so that no "
              "borders are seen (Zuiderveld 1994). clip_limit keeps noise in even surfaces from "
              "becoming visible. Works while training and when predicting. It passes no gradient "
              "on, so it belongs before all layers that learn.")
        .param(&Clahe::valueRange, "value_range", valueRangeDetail())
        .param(&Clahe::clipLimit, "clip_limit",
               {.min = 0.0,
                .max = 1e6,
                .step = 0.5,
                .help = "How many times more frequent than the mean a value may be before it is "
                        "cut off. 0 cuts nothing off."})
        .param(
            &Clahe::tileGridSize, "tile_grid_size",
            {.min = 1, .max = 1024, .step = 1, .help = "How many tiles there are down and across."})
        .shape([](const Clahe& options, Definition::Inputs inputs) {
            return rangedShape("ContrastLimitedAdaptiveHistogramEqualization", inputs[0],
                               options.valueRange);
        })
        .kernel([](const Clahe& options, Definition::Inputs inputs, const Shape& output) {
            return augmentationKernel(std::make_shared<AdaptiveEqualization>(options, output),
                                      std::nullopt, inputs[0], output);
        })
        .formulas("as the input")
        .example({{5, 4, 2}}, {{"value_range", std::vector<double>{-1.0, 1.0}},
                               {"tile_grid_size", Size2{2, 3}}});
}

} // namespace nn::layers
