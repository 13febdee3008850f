#include "tests/support/reference_mixtures.h"
#include "tests/support/reference_tones.h"

#include <algorithm>
#include <cmath>

namespace reference {
namespace {

std::pair<double, double> range(const Image& image) {
    const auto bounds = param<std::vector<double>>(image.run, "value_range");
    return std::minmax(bounds[0], bounds[1]);
}

void clip(Values& values, const std::pair<double, double>& bounds) {
    for (double& value : values) {
        value = std::clamp(value, bounds.first, bounds.second);
    }
}

struct Hsv {
    double hue;
    double saturation;
    double value;
};

/// Foley and van Dam; hue from 0 to 1.
Hsv toHsv(double r, double g, double b) {
    const double value = std::max({r, g, b});
    const double extent = value - std::min({r, g, b});
    double hue = 0.0;
    if (extent > 0.0) {
        hue = value == r   ? (g - b) / (6 * extent)
              : value == g ? (b - r) / (6 * extent) + 2.0 / 6
                           : (r - g) / (6 * extent) + 4.0 / 6;
    }
    return {hue < 0 ? hue + 1 : hue, value > 0 ? extent / value : 0.0, value};
}

void toRgb(const Hsv& colour, double* rgb) {
    const double h = 6 * (colour.hue - std::floor(colour.hue));
    const double parts[3]{std::clamp(std::abs(h - 3) - 1, 0.0, 1.0),
                          std::clamp(2 - std::abs(h - 2), 0.0, 1.0),
                          std::clamp(2 - std::abs(h - 4), 0.0, 1.0)};
    for (int c = 0; c < 3; ++c) {
        rgb[c] = colour.value * (1 - colour.saturation + colour.saturation * parts[c]);
    }
}

Values turnHue(const Image& image, RandomSequence& random) {
    const double sign = random.uniform() > 0.5 ? -1 : 1;
    const double turn = 0.5 * sign * drawn(random, image.run, "factor", 0.0);
    const auto [least, most] = range(image);
    Values y = image.copied();
    for (double& value : y) {
        value = (value - least) / (most - least);
    }
    for (std::size_t i = 0; i < y.size(); i += 3) {
        Hsv colour = toHsv(y[i], y[i + 1], y[i + 2]);
        colour.hue += turn;
        toRgb(colour, &y[i]);
    }
    for (double& value : y) {
        value = std::clamp(value, 0.0, 1.0) * (most - least) + least;
    }
    return y;
}

Values saturate(const Image& image, RandomSequence& random) {
    const double drawnFactor = drawn(random, image.run, "factor", 0.0);
    const double factor = drawnFactor / (1 - drawnFactor + 1e-7);
    Values y = image.copied();
    for (std::size_t i = 0; i < y.size(); i += 3) {
        Hsv colour = toHsv(y[i], y[i + 1], y[i + 2]);
        colour.saturation = std::clamp(colour.saturation * factor, 0.0, 1.0);
        toRgb(colour, &y[i]);
    }
    return y;
}

Values degenerate(const Image& image, RandomSequence& random) {
    const double share = drawn(random, image.run, "factor", 0.0);
    Values y = image.copied();
    for (std::size_t i = 0; i < y.size(); i += 3) {
        const double gray = 0.2989 * y[i] + 0.587 * y[i + 1] + 0.114 * y[i + 2];
        for (std::size_t c = i; c < i + 3; ++c) {
            y[c] = (1 - share) * y[c] + share * gray;
        }
    }
    clip(y, range(image));
    return y;
}

/// A window of weights over an image with zeros around it.
Values filtered(const Image& image, const std::vector<Values>& weights) {
    const auto height = static_cast<std::int64_t>(weights.size());
    const auto width = static_cast<std::int64_t>(weights[0].size());
    Values y(image.copied().size(), 0.0);
    for (std::int64_t row = 0; row < image.height(); ++row) {
        for (std::int64_t column = 0; column < image.width(); ++column) {
            for (std::int64_t c = 0; c < image.channels(); ++c) {
                double sum = 0.0;
                for (std::int64_t i = 0; i < height * width; ++i) {
                    const std::int64_t v = row + i / width - height / 2;
                    const std::int64_t u = column + i % width - width / 2;
                    if (v >= 0 && v < image.height() && u >= 0 && u < image.width()) {
                        sum += weights[static_cast<std::size_t>(i / width)]
                                      [static_cast<std::size_t>(i % width)] *
                               image.pixel(v, u, c, "nearest");
                    }
                }
                y[static_cast<std::size_t>((row * image.width() + column) * image.channels() + c)] =
                    sum;
            }
        }
    }
    return y;
}

Values sharpen(const Image& image, RandomSequence& random) {
    const double factor = 2 * drawn(random, image.run, "factor", 0.0);
    const double a = 1.0 / 13;
    const Values smooth = filtered(image, {{a, a, a}, {a, 5 * a, a}, {a, a, a}});
    Values y = image.copied();
    for (std::size_t i = 0; i < y.size(); ++i) {
        y[i] += (1 - factor) * (smooth[i] - y[i]);
    }
    clip(y, range(image));
    return y;
}

Values bell(std::size_t count, double deviation) {
    Values weights(count);
    double sum = 0.0;
    for (std::size_t i = 0; i < count; ++i) {
        const double x = static_cast<double>(i) - (static_cast<double>(count) - 1) / 2;
        weights[i] = x == 0 ? 1.0 : std::exp(-x * x / (2 * deviation * deviation));
        sum += weights[i];
    }
    for (double& weight : weights) {
        weight /= sum;
    }
    return weights;
}

std::vector<Values> product(const Values& down, const Values& across) {
    std::vector<Values> weights;
    for (const double factor : down) {
        Values row = across;
        for (double& weight : row) {
            weight *= factor;
        }
        weights.push_back(row);
    }
    return weights;
}

Values blurred(const Image& image, RandomSequence& random) {
    RandomSequence common = batchNumbers(image.run);
    const auto size = param<std::vector<std::int64_t>>(image.run, "kernel_size");
    const double across = drawn(common, image.run, "sigma", 0.0) + 1e-6;
    const double down = drawn(common, image.run, "sigma", 0.0) + 1e-6;
    const double probability = drawn(random, image.run, "factor", 0.0);
    Values y = image.copied();
    if (random.uniform() < probability) {
        y = filtered(image, product(bell(static_cast<std::size_t>(size.back()), down),
                                    bell(static_cast<std::size_t>(size.front()), across)));
    }
    clip(y, range(image));
    return y;
}

/// Random shifts of all pixels, made smooth.
Values shifts(const Image& image, RandomSequence& random, double deviation, double distance) {
    LayerRun run = image.run;
    run.inputs[0] = {image.height(), image.width(), 1};
    Values noise(static_cast<std::size_t>(image.height() * image.width()));
    for (double& value : noise) {
        value = static_cast<double>(static_cast<float>(random.normal() * deviation * distance));
    }
    const Values weights = bell(static_cast<std::size_t>(6 * deviation) | 1U, deviation);
    return filtered({run, noise.data()}, product(weights, weights));
}

Values bend(const Image& image, RandomSequence& random) {
    RandomSequence common = batchNumbers(image.run);
    const double strength = drawn(common, image.run, "scale", 0.0);
    const double deviation =
        0.05 * strength * static_cast<double>(std::min(image.height(), image.width()));
    const double distance =
        0.1 * strength * static_cast<double>(std::max(image.height(), image.width()));
    const double probability = drawn(random, image.run, "factor", 0.0);
    Values y = image.copied();
    if (random.uniform() < probability) {
        const Values across = shifts(image, random, deviation, distance);
        const Values down = shifts(image, random, deviation, distance);
        y = warped(image, [&](double v, double u) {
            const auto at = static_cast<std::size_t>(v * static_cast<double>(image.width()) + u);
            return std::pair(v + down[at], u + across[at]);
        });
    }
    clip(y, range(image));
    return y;
}

/// The eight numbers of the projection that takes `from` to `to`, by Gauss and Jordan.
std::vector<double> projection(const std::vector<std::pair<double, double>>& from,
                               const std::vector<std::pair<double, double>>& to) {
    std::vector<std::vector<double>> rows;
    for (std::size_t i = 0; i < 4; ++i) {
        const auto [x, y] = from[i];
        const auto [u, v] = to[i];
        rows.push_back({x, y, 1, 0, 0, 0, -u * x, -u * y, u});
        rows.push_back({0, 0, 0, x, y, 1, -v * x, -v * y, v});
    }
    for (std::size_t column = 0; column < 8; ++column) {
        const auto largest = std::max_element(rows.begin() + static_cast<std::ptrdiff_t>(column),
                                              rows.end(), [&](const auto& a, const auto& b) {
                                                  return std::abs(a[column]) < std::abs(b[column]);
                                              });
        std::swap(rows[column], *largest);
        for (std::size_t row = 0; row < 8; ++row) {
            const double times = rows[row][column] / rows[column][column];
            for (std::size_t k = 0; row != column && k < 9; ++k) {
                rows[row][k] -= times * rows[column][k];
            }
        }
    }
    std::vector<double> result;
    for (std::size_t i = 0; i < 8; ++i) {
        result.push_back(rows[i][8] / rows[i][i]);
    }
    return result;
}

Values perspective(const Image& image, RandomSequence& random) {
    const double probability = drawn(random, image.run, "factor", 0.0);
    const bool applies = random.uniform() < probability;
    const auto right = static_cast<double>(image.width() - 1);
    const auto bottom = static_cast<double>(image.height() - 1);
    const std::vector<std::pair<double, double>> corners{
        {0, 0}, {right, 0}, {0, bottom}, {right, bottom}};
    auto moved = corners;
    const double scale = param<double>(image.run, "scale");
    for (auto& [x, y] : moved) {
        x *= 1 + scale * (random.uniform() - 0.5);
        y *= 1 + scale * (random.uniform() - 0.5);
    }
    if (!applies) {
        return image.copied();
    }
    const std::vector<double> p = projection(moved, corners);
    return warped(
        image,
        [&](double y, double x) {
            const double away = p[6] * x + p[7] * y + 1;
            return std::pair((p[3] * x + p[4] * y + p[5]) / away,
                             (p[0] * x + p[1] * y + p[2]) / away);
        },
        "constant", param<std::string>(image.run, "interpolation") == "nearest");
}

} // namespace

std::map<std::string, ImageFunction> colourFunctions() {
    return {{"RandomHue", turnHue},
            {"RandomSaturation", saturate},
            {"RandomColorDegeneration", degenerate},
            {"RandomSharpness", sharpen},
            {"RandomGaussianBlur", blurred},
            {"RandomElasticTransform", bend},
            {"RandomPerspective", perspective},
            {"RandomColorJitter", colourJitter},
            {"RandAugment", randAugment},
            {"AugMix", augMix}};
}

} // namespace reference
