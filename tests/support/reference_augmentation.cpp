#include "tests/support/reference_augmentation.h"

#include "nn/layers/support/augmentation.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <numbers>

namespace reference {
namespace {

using nn::RandomSequence;

const nn::ParamValue& param(const LayerRun& run, std::string_view name) {
    return nn::paramValue(run.params, *nn::findSpec(run.def->params, name));
}

template <typename T>
T param(const LayerRun& run, std::string_view name) {
    return std::get<T>(param(run, name));
}

/// A draw between the bounds of a factor argument.
double drawn(RandomSequence& random, const std::vector<double>& factor, double least = -1.0) {
    const double low =
        factor.size() == 2 ? std::min(factor[0], factor[1]) : std::max(-std::abs(factor[0]), least);
    const double high = factor.size() == 2 ? std::max(factor[0], factor[1]) : std::abs(factor[0]);
    return low + (high - low) * random.uniform();
}

double drawn(RandomSequence& random, const LayerRun& run, std::string_view name,
             double least = -1.0) {
    return drawn(random, param<std::vector<double>>(run, name), least);
}

/// One image and the ways to read it.
struct Image {
    const LayerRun& run;
    const double* values;

    [[nodiscard]] std::int64_t height() const { return run.inputs[0][0]; }
    [[nodiscard]] std::int64_t width() const { return run.inputs[0][1]; }
    [[nodiscard]] std::int64_t channels() const { return run.inputs[0][2]; }

    /// Walks back and forth until the position lies in the image.
    static std::int64_t inside(const std::string& mode, std::int64_t at, std::int64_t extent) {
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
    [[nodiscard]] double pixel(std::int64_t y, std::int64_t x, std::int64_t c,
                               const std::string& mode) const {
        if (mode == "constant" && (y < 0 || y >= height() || x < 0 || x >= width())) {
            return param<double>(run, "fill_value");
        }
        const std::int64_t row = inside(mode, y, height());
        const std::int64_t column = inside(mode, x, width());
        return values[(row * width() + column) * channels() + c];
    }
    [[nodiscard]] double between(double y, double x, std::int64_t c,
                                 const std::string& mode) const {
        const auto top = static_cast<std::int64_t>(std::floor(y));
        const auto left = static_cast<std::int64_t>(std::floor(x));
        const double down = y - std::floor(y);
        const double across = x - std::floor(x);
        return (1 - down) * (1 - across) * pixel(top, left, c, mode) +
               (1 - down) * across * pixel(top, left + 1, c, mode) +
               down * (1 - across) * pixel(top + 1, left, c, mode) +
               down * across * pixel(top + 1, left + 1, c, mode);
    }
};

/// Where the output pixel (y, x) is read.
using Source = std::function<std::pair<double, double>(double y, double x)>;

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

Values flip(const Image& image, RandomSequence& random) {
    const auto mode = param<std::string>(image.run, "mode");
    const bool across = random.uniform() < 0.5 && mode != "vertical";
    const bool down = random.uniform() < 0.5 && mode != "horizontal";
    const auto lastRow = static_cast<double>(image.height() - 1);
    const auto lastColumn = static_cast<double>(image.width() - 1);
    return warped(
        image,
        [=](double y, double x) {
            return std::pair(down ? lastRow - y : y, across ? lastColumn - x : x);
        },
        "nearest", true);
}

Values translate(const Image& image, RandomSequence& random) {
    const double down =
        drawn(random, image.run, "height_factor") * static_cast<double>(image.height());
    const double across =
        drawn(random, image.run, "width_factor") * static_cast<double>(image.width());
    return warped(image, [=](double y, double x) { return std::pair(y - down, x - across); });
}

Values rotate(const Image& image, RandomSequence& random) {
    const double angle = 2.0 * std::numbers::pi * drawn(random, image.run, "factor");
    const double middleY = static_cast<double>(image.height() - 1) / 2.0;
    const double middleX = static_cast<double>(image.width() - 1) / 2.0;
    return warped(image, [=](double y, double x) {
        const double dx = x - middleX;
        const double dy = y - middleY;
        return std::pair(middleY + std::sin(angle) * dx + std::cos(angle) * dy,
                         middleX + std::cos(angle) * dx - std::sin(angle) * dy);
    });
}

Values zoom(const Image& image, RandomSequence& random) {
    const double tall = 1.0 + drawn(random, image.run, "height_factor");
    const bool own = std::holds_alternative<std::vector<double>>(param(image.run, "width_factor"));
    const double wide = own ? 1.0 + drawn(random, image.run, "width_factor") : tall;
    const double middleY = static_cast<double>(image.height() - 1) / 2.0;
    const double middleX = static_cast<double>(image.width() - 1) / 2.0;
    return warped(image, [=](double y, double x) {
        return std::pair(middleY + tall * (y - middleY), middleX + wide * (x - middleX));
    });
}

Values shear(const Image& image, RandomSequence& random) {
    const double sign = random.uniform() > 0.5 ? -1.0 : 1.0;
    const double across = sign * drawn(random, image.run, "x_factor");
    const double down = sign * drawn(random, image.run, "y_factor");
    return warped(image,
                  [=](double y, double x) { return std::pair(y + down * x, x + across * y); });
}

/// The largest window in the middle, resized.
Values middle(const Image& image) {
    const std::int64_t height = image.run.output[0];
    const std::int64_t width = image.run.output[1];
    const std::int64_t tall =
        std::min(image.height(), std::max<std::int64_t>(image.width() * height / width, 1));
    const std::int64_t wide =
        std::min(image.width(), std::max<std::int64_t>(image.height() * width / height, 1));
    return warped(
        image,
        [&](double y, double x) {
            return std::pair(
                static_cast<double>((image.height() - tall) / 2) +
                    (y + 0.5) * static_cast<double>(tall) / static_cast<double>(height) - 0.5,
                static_cast<double>((image.width() - wide) / 2) +
                    (x + 0.5) * static_cast<double>(wide) / static_cast<double>(width) - 0.5);
        },
        "nearest", false);
}

Values crop(const Image& image, RandomSequence& random) {
    const std::int64_t rows = image.height() - image.run.output[0];
    const std::int64_t columns = image.width() - image.run.output[1];
    if (rows <= 0 || columns <= 0) {
        return middle(image);
    }
    const auto top = static_cast<double>(random.below(static_cast<std::uint64_t>(rows + 1)));
    const auto left = static_cast<double>(random.below(static_cast<std::uint64_t>(columns + 1)));
    return warped(
        image, [=](double y, double x) { return std::pair(y + top, x + left); }, "nearest", true);
}

Values copied(const Image& image) {
    return {image.values, image.values + image.run.inputs[0].count()};
}

Values brightness(const Image& image, RandomSequence& random) {
    const auto range = param<std::vector<double>>(image.run, "value_range");
    const double added = drawn(random, image.run, "factor") * (range[1] - range[0]);
    Values y = copied(image);
    for (double& value : y) {
        value = std::clamp(value + added, range[0], range[1]);
    }
    return y;
}

Values contrast(const Image& image, RandomSequence& random) {
    const auto range = param<std::vector<double>>(image.run, "value_range");
    const auto given = param<std::vector<double>>(image.run, "factor");
    const double low = given.size() == 2 ? std::min(given[0], given[1]) : 0.0;
    const double high = given.size() == 2 ? std::max(given[0], given[1]) : given[0];
    const double factor = 1.0 - low + (high + low) * random.uniform();
    Values y = copied(image);
    const auto channels = static_cast<std::size_t>(image.channels());
    for (std::size_t c = 0; c < channels; ++c) {
        double mean = 0.0;
        for (std::size_t i = c; i < y.size(); i += channels) {
            mean += y[i] * static_cast<double>(channels) / static_cast<double>(y.size());
        }
        for (std::size_t i = c; i < y.size(); i += channels) {
            y[i] = std::clamp((y[i] - mean) * factor + mean, range[0], range[1]);
        }
    }
    return y;
}

Values erase(const Image& image, RandomSequence& random) {
    const auto range = param<std::vector<double>>(image.run, "value_range");
    const auto width = static_cast<double>(image.width());
    const auto height = static_cast<double>(image.height());
    const double wide = width * std::sqrt(drawn(random, image.run, "scale", 0.0));
    const double tall = height * std::sqrt(drawn(random, image.run, "scale", 0.0));
    const double left = random.uniform() * (width - wide);
    const double top = random.uniform() * (height - tall);
    const double probability = drawn(random, image.run, "factor", 0.0);
    Values y = copied(image);
    if (random.uniform() >= probability) {
        return y;
    }
    const auto* fill = std::get_if<std::vector<double>>(&param(image.run, "fill_value"));
    for (std::size_t i = 0; i < y.size(); ++i) {
        const auto pixel = static_cast<std::int64_t>(i) / image.channels();
        const auto row = static_cast<double>(pixel / image.width());
        const auto column = static_cast<double>(pixel % image.width());
        if (column < left || column >= left + wide || row < top || row >= top + tall) {
            continue;
        }
        const auto channel = i % static_cast<std::size_t>(image.channels());
        const double value =
            fill == nullptr ? random.normal() * range[1] : (*fill)[fill->size() == 1 ? 0 : channel];
        y[i] = std::clamp(value, range[0], range[1]);
    }
    return y;
}

Values invert(const Image& image, RandomSequence& random) {
    const double probability = drawn(random, image.run, "factor", 0.0);
    Values y = copied(image);
    if (random.uniform() < probability) {
        for (double& value : y) {
            value = param<std::vector<double>>(image.run, "value_range")[1] - value;
        }
    }
    return y;
}

Values grayscale(const Image& image, RandomSequence& random) {
    Values y = copied(image);
    if (random.uniform() < param<double>(image.run, "factor")) {
        for (std::size_t i = 0; i < y.size(); i += 3) {
            const double gray = 0.2989 * y[i] + 0.587 * y[i + 1] + 0.114 * y[i + 2];
            y[i] = y[i + 1] = y[i + 2] = gray;
        }
    }
    return y;
}

} // namespace

std::optional<Values> augmented(const LayerRun& run, const Values& input) {
    using Function = Values (*)(const Image&, RandomSequence&);
    static const std::map<std::string, Function> table{{"RandomFlip", flip},
                                                       {"RandomTranslation", translate},
                                                       {"RandomRotation", rotate},
                                                       {"RandomZoom", zoom},
                                                       {"RandomShear", shear},
                                                       {"RandomCrop", crop},
                                                       {"RandomBrightness", brightness},
                                                       {"RandomContrast", contrast},
                                                       {"RandomErasing", erase},
                                                       {"RandomInvert", invert},
                                                       {"RandomGrayscale", grayscale}};
    const auto found = table.find(run.def->type);
    if (found == table.end()) {
        return std::nullopt;
    }
    const auto* seed = std::get_if<std::int64_t>(&param(run, "seed"));
    const bool isCrop = run.def->type == "RandomCrop";
    Values y;
    for (std::int64_t sample = 0; sample < run.batch; ++sample) {
        const Image image{run, input.data() + sample * run.inputs[0].count()};
        const std::uint64_t row =
            isCrop ? 0 : run.key.firstSample + static_cast<std::uint64_t>(sample);
        RandomSequence random = nn::augmentationNumbers(
            run.key, seed == nullptr ? std::nullopt : std::optional(*seed), row);
        Values result;
        if (run.phase == nn::Phase::Training) {
            result = found->second(image, random);
        } else {
            result = isCrop ? middle(image) : copied(image);
        }
        y.insert(y.end(), result.begin(), result.end());
    }
    return y;
}

} // namespace reference
