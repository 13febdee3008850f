#include "tests/support/reference_augmentation.h"

#include "tests/support/reference_image.h"
#include "tests/support/reference_mixtures.h"
#include "tests/support/reference_tones.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>

namespace reference {
namespace {

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

Values brightness(const Image& image, RandomSequence& random) {
    const auto range = param<std::vector<double>>(image.run, "value_range");
    const double added = drawn(random, image.run, "factor") * (range[1] - range[0]);
    Values y = image.copied();
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
    Values y = image.copied();
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
    Values y = image.copied();
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
    Values y = image.copied();
    if (random.uniform() < probability) {
        for (double& value : y) {
            value = param<std::vector<double>>(image.run, "value_range")[1] - value;
        }
    }
    return y;
}

Values grayscale(const Image& image, RandomSequence& random) {
    Values y = image.copied();
    if (random.uniform() < param<double>(image.run, "factor")) {
        for (std::size_t i = 0; i < y.size(); i += 3) {
            const double gray = 0.2989 * y[i] + 0.587 * y[i + 1] + 0.114 * y[i + 2];
            y[i] = y[i + 1] = y[i + 2] = gray;
        }
    }
    return y;
}

const std::map<std::string, ImageFunction>& functions() {
    static const std::map<std::string, ImageFunction> all = [] {
        std::map<std::string, ImageFunction> table{{"RandomFlip", flip},
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
        table.merge(colourFunctions());
        table.merge(toneFunctions());
        return table;
    }();
    return all;
}

/// Layers that work when predicting as well.
bool isAlwaysOn(const std::string& type) {
    return type == "AutoContrast" || type == "ContrastLimitedAdaptiveHistogramEqualization";
}

} // namespace

Values augmentedImage(const LayerRun& run, const double* values, RandomSequence& random) {
    return functions().at(run.def->type)({run, values}, random);
}

std::optional<Values> augmented(const LayerRun& run, const Values& input) {
    const std::string& type = run.def->type;
    if (type == "MixUp" || type == "CutMix") {
        return run.phase == nn::Phase::Training ? mixedBatch(run, input) : input;
    }
    if (!functions().contains(type)) {
        return std::nullopt;
    }
    const bool isCrop = type == "RandomCrop";
    Values y;
    for (std::int64_t sample = 0; sample < run.batch; ++sample) {
        const Image image{run, input.data() + sample * run.inputs[0].count()};
        LayerRun first = run;
        first.key.firstSample = 0;
        RandomSequence random = isCrop ? imageNumbers(first, 0) : imageNumbers(run, sample);
        Values result;
        if (run.phase == nn::Phase::Training || isAlwaysOn(type)) {
            result = augmentedImage(run, image.values, random);
        } else {
            result = isCrop ? middle(image) : image.copied();
        }
        y.insert(y.end(), result.begin(), result.end());
    }
    return y;
}

} // namespace reference
