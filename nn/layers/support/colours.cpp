#include "nn/layers/support/colours.h"

#include <Eigen/Core>
#include <algorithm>
#include <array>
#include <cmath>

namespace nn {
namespace {

using Pixels = Eigen::Array<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

class Brightness final : public Augmentation {
public:
    Brightness(const FactorRange& factor, const ValueRange& range)
        : m_factor(factor), m_range(range) {}

    void apply(RandomSequence& random, std::span<const float> image,
               std::span<float> result) const override {
        const float added = drawn(random);
        std::ranges::transform(image, result.begin(), [&](float value) {
            return std::clamp(value + added, m_range.least, m_range.most);
        });
    }
    void applyBackward(RandomSequence& random, std::span<const float> image,
                       std::span<const float> resultGradient,
                       std::span<float> imageGradient) const override {
        const float added = drawn(random);
        std::ranges::transform(
            image, resultGradient, imageGradient.begin(), [&](float value, float gradient) {
                const float sum = value + added;
                return sum > m_range.least && sum < m_range.most ? gradient : 0.0F;
            });
    }

private:
    [[nodiscard]] float drawn(RandomSequence& random) const {
        return static_cast<float>(m_factor.draw(random)) * m_range.extent();
    }

    FactorRange m_factor;
    ValueRange m_range;
};

class Contrast final : public Augmentation {
public:
    Contrast(const FactorRange& factor, const ValueRange& range, std::int64_t channels)
        : m_factor{1.0 - factor.lower, 1.0 + factor.upper}, m_range(range), m_channels(channels) {}

    void apply(RandomSequence& random, std::span<const float> image,
               std::span<float> result) const override {
        Eigen::Map<Pixels> target(result.data(), rows(image), m_channels);
        target = stretched(drawn(random), image).cwiseMax(m_range.least).cwiseMin(m_range.most);
    }
    void applyBackward(RandomSequence& random, std::span<const float> image,
                       std::span<const float> resultGradient,
                       std::span<float> imageGradient) const override {
        const float factor = drawn(random);
        const Pixels before = stretched(factor, image);
        const Eigen::Map<const Pixels> gradient(resultGradient.data(), rows(image), m_channels);
        const Pixels passed = (before > m_range.least && before < m_range.most)
                                  .select(gradient, Pixels::Zero(rows(image), m_channels));
        Eigen::Map<Pixels> target(imageGradient.data(), rows(image), m_channels);
        const Pixels means = passed.cast<double>().colwise().mean().cast<float>();
        target = factor * passed + (1.0F - factor) * means.replicate(rows(image), 1);
    }

private:
    [[nodiscard]] float drawn(RandomSequence& random) const {
        return static_cast<float>(m_factor.draw(random));
    }
    [[nodiscard]] std::int64_t rows(std::span<const float> image) const {
        return static_cast<std::int64_t>(image.size()) / m_channels;
    }
    [[nodiscard]] Pixels stretched(float factor, std::span<const float> image) const {
        const Eigen::Map<const Pixels> pixels(image.data(), rows(image), m_channels);
        const Pixels means = pixels.cast<double>().colwise().mean().cast<float>();
        const Pixels spread = means.replicate(rows(image), 1);
        return (pixels - spread) * factor + spread;
    }

    FactorRange m_factor;
    ValueRange m_range;
    std::int64_t m_channels;
};

using Colour = std::array<double, 3>;

/// Which of three channels is the smallest, the largest.
struct Extremes {
    std::size_t least = 0;
    std::size_t most = 0;
};
Extremes extremes(const Colour& colour) {
    // Of equal ones the first.
    const auto least = std::ranges::min_element(colour);
    const auto most = std::ranges::max_element(colour);
    return {static_cast<std::size_t>(least - colour.begin()),
            static_cast<std::size_t>(most - colour.begin())};
}

/// A change of every pixel by itself, with one number for the image.
class PixelChange : public Augmentation {
public:
    void apply(RandomSequence& random, std::span<const float> image,
               std::span<float> result) const final {
        const double amount = drawn(random);
        for (std::size_t i = 0; i < image.size(); i += 3) {
            put(changed(amount, colourAt(image, i)), result.subspan(i, 3));
        }
    }
    void applyBackward(RandomSequence& random, std::span<const float> image,
                       std::span<const float> resultGradient,
                       std::span<float> imageGradient) const final {
        const double amount = drawn(random);
        for (std::size_t i = 0; i < image.size(); i += 3) {
            put(gradient(amount, colourAt(image, i), colourAt(resultGradient, i)),
                imageGradient.subspan(i, 3));
        }
    }

protected:
    [[nodiscard]] virtual double drawn(RandomSequence& random) const = 0;
    [[nodiscard]] virtual Colour changed(double amount, const Colour& colour) const = 0;
    [[nodiscard]] virtual Colour gradient(double amount, const Colour& colour,
                                          const Colour& resultGradient) const = 0;

private:
    static Colour colourAt(std::span<const float> values, std::size_t i) {
        return {static_cast<double>(values[i]), static_cast<double>(values[i + 1]),
                static_cast<double>(values[i + 2])};
    }
    static void put(const Colour& colour, std::span<float> values) {
        std::ranges::transform(colour, values.begin(),
                               [](double value) { return static_cast<float>(value); });
    }
};

/// In hue, saturation and value: the largest channel v stays, and the others move away from it or
/// towards it: v + f (x − v). Full saturation makes the smallest one 0.
class Saturation final : public PixelChange {
public:
    explicit Saturation(const FactorRange& factor) : m_factor(factor) {}

protected:
    double drawn(RandomSequence& random) const override {
        constexpr double kEpsilon = 1e-7; // Keras' epsilon()
        const double factor = m_factor.draw(random);
        return factor / (1.0 - factor + kEpsilon);
    }
    Colour changed(double amount, const Colour& colour) const override {
        const auto [least, most] = extremes(colour);
        const double value = colour[most];
        const double extent = value - colour[least];
        Colour result{value, value, value};
        if (value > 0.0) {
            const double factor = isFull(amount, value, extent) ? value / extent : amount;
            for (std::size_t c = 0; c < 3; ++c) {
                result[c] = value + factor * (colour[c] - value);
            }
        }
        return result;
    }
    Colour gradient(double amount, const Colour& colour,
                    const Colour& resultGradient) const override {
        const auto [least, most] = extremes(colour);
        const double value = colour[most];
        const double extent = value - colour[least];
        const double sum = resultGradient[0] + resultGradient[1] + resultGradient[2];
        Colour result{};
        if (value <= 0.0) {
            result[most] = sum;
        } else if (!isFull(amount, value, extent)) {
            for (std::size_t c = 0; c < 3; ++c) {
                result[c] = amount * resultGradient[c];
            }
            result[most] += (1.0 - amount) * sum;
        } else {
            // value · (x − least) / extent
            double quotients = 0.0;
            double slopes = 0.0;
            for (std::size_t c = 0; c < 3; ++c) {
                const double part = (colour[c] - colour[least]) / extent;
                quotients += resultGradient[c] * part;
                slopes += resultGradient[c];
                result[c] = resultGradient[c] * value / extent;
            }
            const double byExtent = -quotients * value / extent;
            result[least] -= slopes * value / extent + byExtent;
            result[most] += quotients + byExtent;
        }
        return result;
    }

private:
    static bool isFull(double amount, double value, double extent) {
        return amount * extent > value;
    }

    FactorRange m_factor;
};

/// A place on the circle of colours, in sixths of it: base + (plus − minus) / extent.
struct Hue {
    double base = 0.0;
    std::size_t plus = 1;
    std::size_t minus = 2;
};
Hue hueOf(std::size_t most) {
    return {2.0 * static_cast<double>(most), (most + 1) % 3, (most + 2) % 3};
}

/// How much of a channel a hue has, from 0 to 1, and the slope of that.
struct Share {
    double value = 0.0;
    double slope = 0.0;
};
Share shareOf(std::size_t channel, double sixths) {
    // The middle of a channel's half of the circle is 0, 2 and 4; towards both sides it is whole
    // for one sixth and falls over another.
    double offset = sixths - 2.0 * static_cast<double>(channel);
    offset -= 6.0 * std::round(offset / 6.0);
    const double value = 2.0 - std::abs(offset);
    if (value >= 1.0) {
        return {1.0, 0.0};
    }
    if (value <= 0.0) {
        return {};
    }
    return {value, offset > 0.0 ? -1.0 : 1.0};
}

class HueTurn final : public PixelChange {
public:
    HueTurn(const FactorRange& factor, const ValueRange& range)
        : m_factor(factor), m_least(static_cast<double>(range.least)),
          m_extent(static_cast<double>(range.extent())) {}

protected:
    double drawn(RandomSequence& random) const override {
        const double sign = random.uniform() > 0.5 ? -1.0 : 1.0;
        return 6.0 * 0.5 * sign * m_factor.draw(random);
    }
    Colour changed(double amount, const Colour& colour) const override {
        const Colour unit = toUnit(colour);
        const auto [least, most] = extremes(unit);
        const double extent = unit[most] - unit[least];
        Colour result;
        for (std::size_t c = 0; c < 3; ++c) {
            const double value = unit[most] > 0.0 && extent > 0.0
                                     ? unit[least] + extent * turned(c, amount, unit, most).value
                                     : unit[most];
            result[c] = std::clamp(value, 0.0, 1.0) * m_extent + m_least;
        }
        return result;
    }
    Colour gradient(double amount, const Colour& colour,
                    const Colour& resultGradient) const override {
        const Colour unit = toUnit(colour);
        const auto [least, most] = extremes(unit);
        const double extent = unit[most] - unit[least];
        Colour result{};
        if (unit[most] <= 0.0) {
            return result;
        }
        if (extent == 0.0) {
            return resultGradient;
        }
        const Hue hue = hueOf(most);
        const double quotient = (unit[hue.plus] - unit[hue.minus]) / extent;
        for (std::size_t c = 0; c < 3; ++c) {
            const Share share = turned(c, amount, unit, most);
            const double value = unit[least] + extent * share.value;
            if (value < 0.0 || value > 1.0) {
                continue;
            }
            const double byExtent = resultGradient[c] * (share.value - share.slope * quotient);
            result[most] += byExtent;
            result[least] += resultGradient[c] - byExtent;
            result[hue.plus] += resultGradient[c] * share.slope;
            result[hue.minus] -= resultGradient[c] * share.slope;
        }
        return result;
    }

private:
    [[nodiscard]] Colour toUnit(const Colour& colour) const {
        Colour unit;
        std::ranges::transform(colour, unit.begin(),
                               [this](double value) { return (value - m_least) / m_extent; });
        return unit;
    }
    static Share turned(std::size_t channel, double amount, const Colour& unit, std::size_t most) {
        const Hue hue = hueOf(most);
        const double extent = unit[most] - std::ranges::min(unit);
        return shareOf(channel, hue.base + (unit[hue.plus] - unit[hue.minus]) / extent + amount);
    }

    FactorRange m_factor;
    double m_least;
    double m_extent;
};

class ColourLoss final : public PixelChange {
public:
    ColourLoss(const FactorRange& factor, const ValueRange& range)
        : m_factor(factor), m_least(static_cast<double>(range.least)),
          m_most(static_cast<double>(range.most)) {}

protected:
    double drawn(RandomSequence& random) const override { return m_factor.draw(random); }
    Colour changed(double amount, const Colour& colour) const override {
        Colour result = mixed(amount, colour);
        for (double& value : result) {
            value = std::clamp(value, m_least, m_most);
        }
        return result;
    }
    Colour gradient(double amount, const Colour& colour,
                    const Colour& resultGradient) const override {
        const Colour before = mixed(amount, colour);
        Colour passed = resultGradient;
        for (std::size_t c = 0; c < 3; ++c) {
            if (before[c] < m_least || before[c] > m_most) {
                passed[c] = 0.0;
            }
        }
        const double sum = passed[0] + passed[1] + passed[2];
        for (std::size_t c = 0; c < 3; ++c) {
            passed[c] = (1.0 - amount) * passed[c] + amount * kBrightness[c] * sum;
        }
        return passed;
    }

private:
    static constexpr Colour kBrightness{0.2989, 0.5870, 0.1140}; // ITU-R BT.601

    static Colour mixed(double amount, const Colour& colour) {
        const double grey =
            kBrightness[0] * colour[0] + kBrightness[1] * colour[1] + kBrightness[2] * colour[2];
        Colour result;
        std::ranges::transform(colour, result.begin(),
                               [&](double value) { return value + amount * (grey - value); });
        return result;
    }

    FactorRange m_factor;
    double m_least;
    double m_most;
};

} // namespace

std::shared_ptr<const Augmentation> brightnessChange(const FactorRange& factor,
                                                     const ValueRange& range) {
    return std::make_shared<Brightness>(factor, range);
}

std::shared_ptr<const Augmentation> contrastChange(const FactorRange& factor,
                                                   const ValueRange& range, std::int64_t channels) {
    return std::make_shared<Contrast>(factor, range, channels);
}

std::shared_ptr<const Augmentation> saturationChange(const FactorRange& factor) {
    return std::make_shared<Saturation>(factor);
}

std::shared_ptr<const Augmentation> hueChange(const FactorRange& factor, const ValueRange& range) {
    return std::make_shared<HueTurn>(factor, range);
}

std::shared_ptr<const Augmentation> colourLoss(const FactorRange& factor, const ValueRange& range) {
    return std::make_shared<ColourLoss>(factor, range);
}

} // namespace nn
