#include "nn/data/fit.h"

#include "nn/base/text.h"
#include "nn/tensor/shape.h"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace nn::data {
namespace {

// Weights are whole numbers that add up to 2^16, rows between the passes have 8 fraction bits:
// 255 · 2^8 · 2^16 + rounding still fits 32 bits, and every machine gives the same pixels.
constexpr int kWeightBits = 16;
constexpr std::uint32_t kWeightOne = 1U << kWeightBits;

/// For one output position: the first input position and the weights from there on.
struct Taps {
    std::size_t first = 0;
    std::vector<std::uint32_t> weights;
};

/// Rounds weights to whole numbers with the exact sum; the largest takes what is left.
std::vector<std::uint32_t> quantized(const std::vector<double>& weights) {
    double sum = 0.0;
    for (const double weight : weights) {
        sum += weight;
    }
    std::vector<std::uint32_t> whole;
    std::uint32_t total = 0;
    for (const double weight : weights) {
        whole.push_back(static_cast<std::uint32_t>(std::lround(weight / sum * kWeightOne)));
        total += whole.back();
    }
    *std::ranges::max_element(whole) += kWeightOne - total;
    return whole;
}

/// A triangle as wide as one input pixel when growing, as one output pixel when shrinking.
std::vector<Taps> tapsFor(std::size_t from, std::size_t to) {
    const double scale = static_cast<double>(from) / static_cast<double>(to);
    const double support = std::max(scale, 1.0);
    std::vector<Taps> all(to);
    for (std::size_t i = 0; i < to; ++i) {
        const double centre = (static_cast<double>(i) + 0.5) * scale;
        const auto first = static_cast<std::size_t>(std::max(0.0, std::floor(centre - support)));
        const auto last = std::min(from, static_cast<std::size_t>(std::ceil(centre + support)));
        std::vector<double> weights;
        for (std::size_t j = first; j < last; ++j) {
            const double distance = std::abs(static_cast<double>(j) + 0.5 - centre);
            weights.push_back(std::max(0.0, 1.0 - distance / support));
        }
        all[i] = {first, quantized(weights)};
    }
    return all;
}

/// Reusable plan for images of one size.
class Resizer {
public:
    Resizer(const ImageShape& from, const ImageShape& to)
        : m_channels(static_cast<std::size_t>(from.channels)),
          m_rowFrom(static_cast<std::size_t>(from.width) * m_channels),
          m_rowTo(static_cast<std::size_t>(to.width) * m_channels),
          m_columns(
              tapsFor(static_cast<std::size_t>(from.width), static_cast<std::size_t>(to.width))),
          m_rows(
              tapsFor(static_cast<std::size_t>(from.height), static_cast<std::size_t>(to.height))),
          m_between(static_cast<std::size_t>(from.height) * m_rowTo), m_sums(m_rowTo) {}

    void resize(std::span<const std::uint8_t> in, std::span<std::uint8_t> out) {
        for (std::size_t y = 0; y * m_rowFrom < in.size(); ++y) {
            narrow(in.subspan(y * m_rowFrom, m_rowFrom),
                   std::span(m_between).subspan(y * m_rowTo, m_rowTo));
        }
        for (std::size_t y = 0; y < m_rows.size(); ++y) {
            blend(m_rows[y], out.subspan(y * m_rowTo, m_rowTo));
        }
    }

private:
    void narrow(std::span<const std::uint8_t> in, std::span<std::uint16_t> out) const {
        for (std::size_t x = 0; x < m_columns.size(); ++x) {
            const Taps& taps = m_columns[x];
            for (std::size_t c = 0; c < m_channels; ++c) {
                std::uint32_t sum = 1U << (kWeightBits - 9);
                for (std::size_t k = 0; k < taps.weights.size(); ++k) {
                    sum += taps.weights[k] * in[(taps.first + k) * m_channels + c];
                }
                out[x * m_channels + c] = static_cast<std::uint16_t>(sum >> (kWeightBits - 8));
            }
        }
    }

    void blend(const Taps& taps, std::span<std::uint8_t> out) {
        std::ranges::fill(m_sums, 1U << (kWeightBits + 7));
        for (std::size_t k = 0; k < taps.weights.size(); ++k) {
            const std::uint16_t* row = m_between.data() + (taps.first + k) * m_rowTo;
            for (std::size_t i = 0; i < m_rowTo; ++i) {
                m_sums[i] += taps.weights[k] * row[i];
            }
        }
        for (std::size_t i = 0; i < m_rowTo; ++i) {
            out[i] = static_cast<std::uint8_t>(m_sums[i] >> (kWeightBits + 8));
        }
    }

    std::size_t m_channels;
    std::size_t m_rowFrom;
    std::size_t m_rowTo;
    std::vector<Taps> m_columns;
    std::vector<Taps> m_rows;
    std::vector<std::uint16_t> m_between;
    std::vector<std::uint32_t> m_sums;
};

/// Rec. 601 luma of three channels, copies of one, the first three of four.
void convertChannels(std::span<const std::uint8_t> in, int from, std::span<std::uint8_t> out,
                     int to) {
    const auto step = static_cast<std::size_t>(from);
    if (from == to) {
        std::ranges::copy(in, out.begin());
    } else if (to == 1) {
        for (std::size_t i = 0; i < out.size(); ++i) {
            const std::uint8_t* p = in.data() + i * step;
            out[i] =
                static_cast<std::uint8_t>((299U * p[0] + 587U * p[1] + 114U * p[2] + 500U) / 1000U);
        }
    } else {
        for (std::size_t i = 0; i < out.size(); ++i) {
            out[i] = in[i / 3 * step + (from == 1 ? 0 : i % 3)];
        }
    }
}

/// Changes size and channels of many images of one shape.
class Fitter {
public:
    Fitter(const ImageShape& from, const ImageShape& to)
        : m_from(from),
          m_to(to), m_same{from.height, from.width, thinner(from, to)}, m_sized{to.height, to.width,
                                                                                thinner(from, to)},
          m_resizer(m_same, m_sized), m_converted(m_same.bytes()), m_resized(m_sized.bytes()) {}

    void fit(std::span<const std::uint8_t> in, std::span<std::uint8_t> out) {
        convertChannels(in, m_from.channels, m_converted, m_same.channels);
        if (m_same == m_sized) {
            convertChannels(m_converted, m_same.channels, out, m_to.channels);
            return;
        }
        m_resizer.resize(m_converted, m_resized);
        convertChannels(m_resized, m_sized.channels, out, m_to.channels);
    }

private:
    // Resizing works on whichever has fewer channels.
    static int thinner(const ImageShape& from, const ImageShape& to) {
        return std::min(from.channels, to.channels);
    }

    ImageShape m_from;
    ImageShape m_to;
    ImageShape m_same;
    ImageShape m_sized;
    Resizer m_resizer;
    std::vector<std::uint8_t> m_converted;
    std::vector<std::uint8_t> m_resized;
};

Expected<std::size_t> checkedBytes(const Dataset& dataset, const ImageShape& to,
                                   std::uint64_t memoryBudget) {
    if (to.height < 1 || to.width < 1 || (to.channels != 1 && to.channels != 3)) {
        return failure(ErrorCode::Unsupported,
                       "The network wants images of " + text(to) +
                           ", but images can only be made grey (1 channel) or RGB (3 channels). "
                           "Change the shape of the Input layer.");
    }
    const auto one = static_cast<std::int64_t>(to.bytes());
    const std::optional<std::int64_t> all = checkedProduct(one, dataset.size());
    if (!all || static_cast<std::uint64_t>(*all) > memoryBudget) {
        return failure(ErrorCode::TooLarge,
                       withThousands(dataset.size()) + " images of " + text(to) + " need " +
                           (all ? byteText(*all) : "too much") + " of memory; at most " +
                           byteText(static_cast<std::int64_t>(memoryBudget)) +
                           " may be used. Use a smaller input shape or fewer images.");
    }
    return static_cast<std::size_t>(*all);
}

} // namespace

std::string fitNote(const ImageShape& from, const ImageShape& to) {
    if (from == to) {
        return {};
    }
    const bool isResized = from.height != to.height || from.width != to.width;
    const bool isConverted = from.channels != to.channels;
    const std::string what =
        isResized ? (isConverted ? "resized and converted" : "resized") : "converted";
    return "Images are " + text(from) + "; the network wants " + text(to) + ": they will be " +
           what + ".";
}

Image fitImage(const Image& image, const ImageShape& to) {
    assert(image.pixels.size() == image.shape.bytes());
    if (image.shape == to) {
        return image;
    }
    Image fitted{to, std::vector<std::uint8_t>(to.bytes())};
    Fitter(image.shape, to).fit(image.pixels, fitted.pixels);
    return fitted;
}

Expected<FittedDataset> fitTo(const Dataset& dataset, const ImageShape& to,
                              std::uint64_t memoryBudget) {
    if (dataset.shape() == to || dataset.isEmpty()) {
        return FittedDataset{dataset, {}};
    }
    const Expected<std::size_t> bytes = checkedBytes(dataset, to, memoryBudget);
    if (!bytes) {
        return tl::unexpected(bytes.error());
    }
    DatasetParts parts{.shape = to,
                       .pixels = std::vector<std::uint8_t>(*bytes),
                       .labels = {dataset.labels().begin(), dataset.labels().end()},
                       .classNames = dataset.classNames(),
                       .provenance = dataset.provenance()};
    Fitter fitter(dataset.shape(), to);
    for (std::int64_t i = 0; i < dataset.size(); ++i) {
        fitter.fit(
            dataset.sample(i),
            std::span(parts.pixels).subspan(static_cast<std::size_t>(i) * to.bytes(), to.bytes()));
    }
    return Dataset::fromParts(std::move(parts)).map([&](Dataset fitted) {
        return FittedDataset{std::move(fitted), fitNote(dataset.shape(), to)};
    });
}

Expected<DataSource> fitTo(const DataSource& source, const ImageShape& to,
                           std::uint64_t memoryBudget) {
    const Expected<FittedDataset> train = fitTo(source.train, to, memoryBudget);
    if (!train) {
        return tl::unexpected(train.error());
    }
    DataSource fitted = source;
    fitted.train = train->dataset;
    if (source.test) {
        const Expected<FittedDataset> test = fitTo(*source.test, to, memoryBudget);
        if (!test) {
            return tl::unexpected(test.error());
        }
        fitted.test = test->dataset;
    }
    if (!train->note.empty()) {
        fitted.notes.push_back(train->note);
    }
    return fitted;
}

} // namespace nn::data
