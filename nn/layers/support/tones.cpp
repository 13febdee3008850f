#include "nn/layers/support/tones.h"

#include "nn/layers/support/blur.h"

#include <algorithm>
#include <cmath>

namespace nn {
namespace {

class Sharpness final : public Augmentation {
public:
    Sharpness(const FactorRange& factor, const ValueRange& range, const Shape& image)
        : m_factor(factor), m_range(range), m_image(image) {}

    void apply(RandomSequence& random, std::span<const float> image,
               std::span<float> result) const override {
        mix(drawn(random), image, result);
        std::ranges::transform(result, result.begin(), [this](float value) {
            return std::clamp(value, m_range.least, m_range.most);
        });
    }
    void applyBackward(RandomSequence& random, std::span<const float> image,
                       std::span<const float> resultGradient,
                       std::span<float> imageGradient) const override {
        const double share = drawn(random);
        std::vector<float> passed(image.size());
        mix(share, image, passed);
        std::ranges::transform(
            passed, resultGradient, passed.begin(), [this](float value, float gradient) {
                return value < m_range.least || value > m_range.most ? 0.0F : gradient;
            });
        // The weights are the same from both sides, so the way back is the same.
        mix(share, passed, imageGradient);
    }

private:
    /// The share of the blurred image; below 0 it is sharpened.
    [[nodiscard]] double drawn(RandomSequence& random) const {
        return 1.0 - 2.0 * m_factor.draw(random);
    }
    void mix(double share, std::span<const float> values, std::span<float> result) const {
        constexpr std::array<float, 3> kOnes{1.0F, 1.0F, 1.0F};
        blur(m_image, kOnes, kOnes, values, result);
        // The middle of the nine weighs five times as much as the others.
        const auto blurred = static_cast<float>(share / 13.0);
        const auto own = static_cast<float>(1.0 - share + 4.0 * share / 13.0);
        std::ranges::transform(result, values, result.begin(),
                               [=](float sum, float value) { return blurred * sum + own * value; });
    }

    FactorRange m_factor;
    ValueRange m_range;
    Shape m_image;
};

/// A value as one from 0 to 255, and back.
struct Bytes {
    double least = 0.0;
    double scale = 1.0;
    explicit Bytes(const ValueRange& range)
        : least(static_cast<double>(range.least)),
          scale(255.0 / static_cast<double>(range.extent())) {}

    [[nodiscard]] double from(float value) const {
        return (static_cast<double>(value) - least) * scale;
    }
    [[nodiscard]] float back(double byte) const { return static_cast<float>(byte / scale + least); }
};

class Posterization final : public Augmentation {
public:
    Posterization(std::int64_t least, std::int64_t most, const ValueRange& range)
        : m_least(least), m_most(most), m_bytes(range) {}

    void apply(RandomSequence& random, std::span<const float> image,
               std::span<float> result) const override {
        const auto width = static_cast<std::uint64_t>(std::max<std::int64_t>(m_most - m_least, 1));
        const std::int64_t bits = m_least + static_cast<std::int64_t>(random.below(width));
        const double step = std::exp2(static_cast<double>(8 - bits));
        std::ranges::transform(image, result.begin(), [&](float value) {
            const double byte = std::floor(std::clamp(m_bytes.from(value), 0.0, 255.0));
            return m_bytes.back(std::floor(byte / step) * step);
        });
    }
    void applyBackward(RandomSequence& /*random*/, std::span<const float> /*image*/,
                       std::span<const float> /*resultGradient*/,
                       std::span<float> imageGradient) const override {
        std::ranges::fill(imageGradient, 0.0F);
    }

private:
    std::int64_t m_least;
    std::int64_t m_most;
    Bytes m_bytes;
};

class Solarization final : public Augmentation {
public:
    Solarization(const FactorRange& addition, const FactorRange& threshold, const ValueRange& range)
        : m_addition(addition), m_threshold(threshold), m_bytes(range) {}

    void apply(RandomSequence& random, std::span<const float> image,
               std::span<float> result) const override {
        const double added = 255.0 * m_addition.draw(random);
        const double threshold = 255.0 * m_threshold.draw(random);
        std::ranges::transform(image, result.begin(), [&](float value) {
            const double byte = std::clamp(m_bytes.from(value) + added, 0.0, 255.0);
            return m_bytes.back(byte < threshold ? byte : 255.0 - byte);
        });
    }
    void applyBackward(RandomSequence& random, std::span<const float> image,
                       std::span<const float> resultGradient,
                       std::span<float> imageGradient) const override {
        const double added = 255.0 * m_addition.draw(random);
        const double threshold = 255.0 * m_threshold.draw(random);
        std::ranges::transform(image, resultGradient, imageGradient.begin(),
                               [&](float value, float gradient) {
                                   const double byte = m_bytes.from(value) + added;
                                   if (byte < 0.0 || byte > 255.0) {
                                       return 0.0F;
                                   }
                                   return byte < threshold ? gradient : -gradient;
                               });
    }

private:
    FactorRange m_addition;
    FactorRange m_threshold;
    Bytes m_bytes;
};

class ContrastStretch final : public Augmentation {
public:
    ContrastStretch(const ValueRange& range, std::int64_t channels)
        : m_range(range), m_channels(static_cast<std::size_t>(channels)) {}

    [[nodiscard]] bool actsWhenPredicting() const override { return true; }
    void predict(std::span<const float> image, std::span<float> result) const override {
        for (std::size_t c = 0; c < m_channels; ++c) {
            const Ends ends = endsOf(image, c);
            const double scale = static_cast<double>(m_range.extent()) / (ends.most - ends.least);
            for (std::size_t i = c; i < image.size(); i += m_channels) {
                const double value = static_cast<double>(image[i]);
                result[i] = ends.isFlat() ? image[i]
                                          : static_cast<float>((value - ends.least) * scale +
                                                               static_cast<double>(m_range.least));
            }
        }
    }
    void apply(RandomSequence& /*random*/, std::span<const float> image,
               std::span<float> result) const override {
        predict(image, result);
    }
    void applyBackward(RandomSequence& /*random*/, std::span<const float> image,
                       std::span<const float> resultGradient,
                       std::span<float> imageGradient) const override {
        for (std::size_t c = 0; c < m_channels; ++c) {
            channelBackward(c, image, resultGradient, imageGradient);
        }
    }

private:
    struct Ends {
        double least = 0.0;
        double most = 0.0;
        [[nodiscard]] bool isFlat() const { return least == most; }
    };
    [[nodiscard]] Ends endsOf(std::span<const float> image, std::size_t channel) const {
        float least = image[channel];
        float most = image[channel];
        for (std::size_t i = channel; i < image.size(); i += m_channels) {
            least = std::min(least, image[i]);
            most = std::max(most, image[i]);
        }
        return {static_cast<double>(least), static_cast<double>(most)};
    }
    /// y = (x − least) / (most − least) · extent, where least and most are values of the image too.
    void channelBackward(std::size_t channel, std::span<const float> image,
                         std::span<const float> resultGradient,
                         std::span<float> imageGradient) const {
        const Ends ends = endsOf(image, channel);
        const double scale = static_cast<double>(m_range.extent()) / (ends.most - ends.least);
        double toLeast = 0.0;
        double toMost = 0.0;
        double leastCount = 0.0;
        double mostCount = 0.0;
        for (std::size_t i = channel; i < image.size(); i += m_channels) {
            const double value = static_cast<double>(image[i]);
            const double gradient = static_cast<double>(resultGradient[i]);
            const double part = (value - ends.least) / (ends.most - ends.least);
            toLeast -= gradient * scale * (1.0 - part);
            toMost -= gradient * scale * part;
            leastCount += value == ends.least ? 1.0 : 0.0;
            mostCount += value == ends.most ? 1.0 : 0.0;
        }
        for (std::size_t i = channel; i < image.size(); i += m_channels) {
            const double value = static_cast<double>(image[i]);
            double gradient = scale * static_cast<double>(resultGradient[i]);
            // Equal ones share what the smallest and the largest value receive.
            gradient += value == ends.least ? toLeast / leastCount : 0.0;
            gradient += value == ends.most ? toMost / mostCount : 0.0;
            imageGradient[i] = ends.isFlat() ? resultGradient[i] : static_cast<float>(gradient);
        }
    }

    ValueRange m_range;
    std::size_t m_channels;
};

class Equalization final : public Augmentation {
public:
    Equalization(const ValueRange& range, std::int64_t bins, std::int64_t channels)
        : m_bytes(range), m_bins(static_cast<std::size_t>(bins)),
          m_channels(static_cast<std::size_t>(channels)) {}

    void apply(RandomSequence& /*random*/, std::span<const float> image,
               std::span<float> result) const override {
        for (std::size_t c = 0; c < m_channels; ++c) {
            const std::vector<double> counts = countsUpTo(image, c);
            const std::vector<float> levels = levelsOf(counts);
            for (std::size_t i = c; i < image.size(); i += m_channels) {
                result[i] = isFlat(counts) ? image[i] : levels[binOf(image[i])];
            }
        }
    }
    void applyBackward(RandomSequence& /*random*/, std::span<const float> image,
                       std::span<const float> resultGradient,
                       std::span<float> imageGradient) const override {
        for (std::size_t c = 0; c < m_channels; ++c) {
            const bool passes = isFlat(countsUpTo(image, c));
            for (std::size_t i = c; i < image.size(); i += m_channels) {
                imageGradient[i] = passes ? resultGradient[i] : 0.0F;
            }
        }
    }

private:
    [[nodiscard]] std::size_t binOf(float value) const {
        const auto last = static_cast<double>(m_bins - 1);
        return static_cast<std::size_t>(std::clamp(m_bytes.from(value) * last / 255.0, 0.0, last));
    }
    /// How many values of a channel lie in each bin or in one before it.
    [[nodiscard]] std::vector<double> countsUpTo(std::span<const float> image,
                                                 std::size_t channel) const {
        std::vector<double> counts(m_bins, 0.0);
        for (std::size_t i = channel; i < image.size(); i += m_channels) {
            counts[binOf(image[i])] += 1.0;
        }
        for (std::size_t bin = 1; bin < m_bins; ++bin) {
            counts[bin] += counts[bin - 1];
        }
        return counts;
    }
    /// All values are in one bin.
    static bool isFlat(const std::vector<double>& counts) {
        return leastCount(counts) == counts.back();
    }
    static double leastCount(const std::vector<double>& counts) {
        return *std::ranges::find_if(counts, [](double count) { return count > 0.0; });
    }
    /// What becomes of the values of each bin.
    [[nodiscard]] std::vector<float> levelsOf(const std::vector<double>& counts) const {
        const double least = leastCount(counts);
        std::vector<float> levels(counts.size());
        std::ranges::transform(counts, levels.begin(), [&](double count) {
            const double part = (count - least) / (counts.back() - least);
            return m_bytes.back(std::nearbyint(255.0 * std::max(part, 0.0)));
        });
        return levels;
    }

    Bytes m_bytes;
    std::size_t m_bins;
    std::size_t m_channels;
};

} // namespace

std::shared_ptr<const Augmentation> sharpnessChange(const FactorRange& factor,
                                                    const ValueRange& range, const Shape& image) {
    return std::make_shared<Sharpness>(factor, range, image);
}

std::shared_ptr<const Augmentation> posterization(std::int64_t least, std::int64_t most,
                                                  const ValueRange& range) {
    return std::make_shared<Posterization>(least, most, range);
}

std::shared_ptr<const Augmentation>
solarization(const FactorRange& addition, const FactorRange& threshold, const ValueRange& range) {
    return std::make_shared<Solarization>(addition, threshold, range);
}

std::shared_ptr<const Augmentation> contrastStretch(const ValueRange& range,
                                                    std::int64_t channels) {
    return std::make_shared<ContrastStretch>(range, channels);
}

std::shared_ptr<const Augmentation>
histogramEqualization(const ValueRange& range, std::int64_t bins, std::int64_t channels) {
    return std::make_shared<Equalization>(range, bins, channels);
}

} // namespace nn
