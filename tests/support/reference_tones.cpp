#include "tests/support/reference_tones.h"

#include <algorithm>
#include <cmath>

namespace reference {
namespace {

/// An image with values from 0 to 255, and the way back.
struct Bytes {
    double least;
    double extent;
    explicit Bytes(const LayerRun& run) {
        const auto bounds = param<std::vector<double>>(run, "value_range");
        least = std::min(bounds[0], bounds[1]);
        extent = std::max(bounds[0], bounds[1]) - least;
    }
    [[nodiscard]] double from(double value) const { return (value - least) * 255 / extent; }
    [[nodiscard]] double back(double byte) const { return byte / 255 * extent + least; }
};

Values posterize(const Image& image, RandomSequence& random) {
    const auto factor = param<std::vector<std::int64_t>>(image.run, "factor");
    const std::int64_t low = factor.size() == 2 ? std::min(factor[0], factor[1]) : 1;
    const std::int64_t high = factor.size() == 2 ? std::max(factor[0], factor[1]) : factor[0];
    const auto choices = static_cast<std::uint64_t>(high > low ? high - low : 1);
    const std::int64_t shift = 8 - low - static_cast<std::int64_t>(random.below(choices));
    const Bytes bytes(image.run);
    Values y = image.copied();
    for (double& value : y) {
        const auto byte = static_cast<int>(std::clamp(bytes.from(value), 0.0, 255.0));
        value = bytes.back(byte >> shift << shift);
    }
    return y;
}

Values solarize(const Image& image, RandomSequence& random) {
    const double addition = 255 * drawn(random, image.run, "addition_factor", 0.0);
    const double threshold = 255 * drawn(random, image.run, "threshold_factor", 0.0);
    const Bytes bytes(image.run);
    Values y = image.copied();
    for (double& value : y) {
        const double byte = std::clamp(bytes.from(value) + addition, 0.0, 255.0);
        value = bytes.back(byte < threshold ? byte : 255 - byte);
    }
    return y;
}

/// The values of one channel.
Values channelOf(const Values& image, std::size_t channel, std::size_t channels) {
    Values values;
    for (std::size_t i = channel; i < image.size(); i += channels) {
        values.push_back(image[i]);
    }
    return values;
}

Values stretch(const Image& image, RandomSequence& /*random*/) {
    const Bytes bytes(image.run);
    const auto channels = static_cast<std::size_t>(image.channels());
    Values y = image.copied();
    for (std::size_t c = 0; c < channels; ++c) {
        const Values channel = channelOf(y, c, channels);
        const auto [low, high] = std::minmax_element(channel.begin(), channel.end());
        for (std::size_t i = c; i < y.size() && *high > *low; i += channels) {
            y[i] = bytes.back(255 * (y[i] - *low) / (*high - *low));
        }
    }
    return y;
}

Values equalize(const Image& image, RandomSequence& /*random*/) {
    const Bytes bytes(image.run);
    const std::int64_t bins = nn::findSpec(image.run.def->params, "bins") == nullptr
                                  ? 256
                                  : param<std::int64_t>(image.run, "bins");
    const auto binOf = [&](double value) {
        const auto bin =
            static_cast<std::int64_t>(bytes.from(value) / 255 * static_cast<double>(bins - 1));
        return std::clamp<std::int64_t>(bin, 0, bins - 1);
    };
    const auto channels = static_cast<std::size_t>(image.channels());
    Values y = image.copied();
    for (std::size_t c = 0; c < channels; ++c) {
        const Values channel = channelOf(y, c, channels);
        const auto upTo = [&](std::int64_t bin) {
            return static_cast<double>(
                std::ranges::count_if(channel, [&](double value) { return binOf(value) <= bin; }));
        };
        const double least = upTo(binOf(*std::ranges::min_element(channel)));
        const auto all = static_cast<double>(channel.size());
        for (std::size_t i = c; i < y.size() && least < all; i += channels) {
            y[i] = bytes.back(std::nearbyint(255 * (upTo(binOf(y[i])) - least) / (all - least)));
        }
    }
    return y;
}

/// Counts of levels in a tile, cut off and spread, as a curve from 0 to 255.
Values curve(const Image& image, std::int64_t c, const nn::Size2& corner, const nn::Size2& tile) {
    const Bytes bytes(image.run);
    Values counts(256, 0.0);
    for (std::int64_t i = 0; i < tile.height * tile.width; ++i) {
        const double value = image.pixel(corner.height + i / tile.width,
                                         corner.width + i % tile.width, c, "reflect");
        counts[static_cast<std::size_t>(std::clamp(bytes.from(value), 0.0, 255.0))] += 1;
    }
    const auto area = static_cast<double>(tile.height * tile.width);
    const double limit = param<double>(image.run, "clip_limit") * area / 256;
    double excess = 0.0;
    for (double& count : counts) {
        if (limit > 0) {
            excess += std::max(count - limit, 0.0);
            count = std::min(count, limit);
        }
    }
    Values sums;
    double sum = 0.0;
    for (const double count : counts) {
        sum += count + excess / 256;
        sums.push_back(sum);
    }
    const double least = sums[0];
    for (double& value : sums) {
        value = std::clamp(255 * (value - least) / (area == least ? 1 : area - least), 0.0, 255.0);
    }
    return sums;
}

Values adapt(const Image& image, RandomSequence& /*random*/) {
    const Bytes bytes(image.run);
    const auto grid = param<nn::Size2>(image.run, "tile_grid_size");
    const nn::Size2 tile{(image.height() + grid.height - 1) / grid.height,
                         (image.width() + grid.width - 1) / grid.width};
    Values y = image.copied();
    std::size_t at = 0;
    for (std::int64_t pixel = 0; pixel < image.height() * image.width(); ++pixel) {
        const double v =
            static_cast<double>(pixel / image.width()) / static_cast<double>(tile.height) - 0.5;
        const double u =
            static_cast<double>(pixel % image.width()) / static_cast<double>(tile.width) - 0.5;
        for (std::int64_t c = 0; c < image.channels(); ++c, ++at) {
            const auto level = static_cast<std::size_t>(std::clamp(bytes.from(y[at]), 0.0, 255.0));
            const auto tone = [&](double row, double column) {
                const auto i =
                    std::clamp<std::int64_t>(static_cast<std::int64_t>(row), 0, grid.height - 1);
                const auto j =
                    std::clamp<std::int64_t>(static_cast<std::int64_t>(column), 0, grid.width - 1);
                return curve(image, c, {i * tile.height, j * tile.width}, tile)[level];
            };
            const double down = v - std::floor(v);
            const double across = u - std::floor(u);
            const double top = (1 - across) * tone(std::floor(v), std::floor(u)) +
                               across * tone(std::floor(v), std::floor(u) + 1);
            const double bottom = (1 - across) * tone(std::floor(v) + 1, std::floor(u)) +
                                  across * tone(std::floor(v) + 1, std::floor(u) + 1);
            y[at] = bytes.back((1 - down) * top + down * bottom);
        }
    }
    return y;
}

} // namespace

std::map<std::string, ImageFunction> toneFunctions() {
    return {{"RandomPosterization", posterize},
            {"Solarization", solarize},
            {"AutoContrast", stretch},
            {"Equalization", equalize},
            {"ContrastLimitedAdaptiveHistogramEqualization", adapt}};
}

} // namespace reference
