#include "tests/support/reference_image.h"

#include <algorithm>
#include <cmath>

namespace reference {

const nn::ParamValue& param(const LayerRun& run, std::string_view name) {
    return nn::paramValue(run.params, *nn::findSpec(run.def->params, name));
}

double drawn(RandomSequence& random, const std::vector<double>& factor, double least) {
    const double low =
        factor.size() == 2 ? std::min(factor[0], factor[1]) : std::max(-std::abs(factor[0]), least);
    const double high = factor.size() == 2 ? std::max(factor[0], factor[1]) : std::abs(factor[0]);
    return low + (high - low) * random.uniform();
}

double drawn(RandomSequence& random, const LayerRun& run, std::string_view name, double least) {
    return drawn(random, param<std::vector<double>>(run, name), least);
}

namespace {

/// Walks back and forth until the position lies in the image.
std::int64_t inside(const std::string& mode, std::int64_t at, std::int64_t extent) {
    while (at < 0 || at >= extent) {
        if (mode == "nearest") {
            at = at < 0 ? 0 : extent - 1;
        } else if (mode == "wrap") {
            at += at < 0 ? extent : -extent;
        } else {
            at = at < 0 ? -1 - at : 2 * extent - 1 - at;
        }
    }
    return at;
}

} // namespace

double Image::pixel(std::int64_t y, std::int64_t x, std::int64_t c, const std::string& mode) const {
    if (mode == "constant" && (y < 0 || y >= height() || x < 0 || x >= width())) {
        return param<double>(run, "fill_value");
    }
    const std::int64_t row = inside(mode, y, height());
    const std::int64_t column = inside(mode, x, width());
    return values[(row * width() + column) * channels() + c];
}

double Image::between(double y, double x, std::int64_t c, const std::string& mode) const {
    const auto top = static_cast<std::int64_t>(std::floor(y));
    const auto left = static_cast<std::int64_t>(std::floor(x));
    const double down = y - std::floor(y);
    const double across = x - std::floor(x);
    return (1 - down) * (1 - across) * pixel(top, left, c, mode) +
           (1 - down) * across * pixel(top, left + 1, c, mode) +
           down * (1 - across) * pixel(top + 1, left, c, mode) +
           down * across * pixel(top + 1, left + 1, c, mode);
}

Values warped(const Image& image, const Source& source, const std::string& mode, bool nearest) {
    Values y;
    for (std::int64_t row = 0; row < image.run.output[0]; ++row) {
        for (std::int64_t column = 0; column < image.run.output[1]; ++column) {
            const auto [v, u] = source(static_cast<double>(row), static_cast<double>(column));
            for (std::int64_t c = 0; c < image.channels(); ++c) {
                y.push_back(nearest ? image.pixel(std::llround(v), std::llround(u), c, mode)
                                    : image.between(v, u, c, mode));
            }
        }
    }
    return y;
}

Values warped(const Image& image, const Source& source) {
    return warped(image, source, param<std::string>(image.run, "fill_mode"),
                  param<std::string>(image.run, "interpolation") == "nearest");
}

RandomSequence batchNumbers(const LayerRun& run) {
    return imageNumbers(run, -1);
}

RandomSequence imageNumbers(const LayerRun& run, std::int64_t sample) {
    const auto* spec = nn::findSpec(run.def->params, "seed");
    const auto* seed =
        spec == nullptr ? nullptr : std::get_if<std::int64_t>(&nn::paramValue(run.params, *spec));
    const std::uint64_t row =
        sample < 0 ? nn::kBatchRow : run.key.firstSample + static_cast<std::uint64_t>(sample);
    return nn::augmentationNumbers(run.key, seed == nullptr ? std::nullopt : std::optional(*seed),
                                   row);
}

} // namespace reference
