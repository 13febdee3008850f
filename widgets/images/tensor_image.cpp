#include "widgets/images/tensor_image.h"

#include <QLocale>
#include <algorithm>
#include <cmath>
#include <limits>

namespace widgets {
namespace {

constexpr int kLastEntry = ColorMap::kEntries - 1;

/// Maps a value to 0 … steps, clamped; the caller has made sure that it is finite.
/// In double, because the width of a float range may exceed the floats.
struct Scaling {
    Scaling(ValueRange range, int steps, double middle)
        : low(range.low), top(steps), offset(middle) {
        const double width = static_cast<double>(range.high) - low;
        if (width > 0.0) {
            factor = top / width;
            offset = 0.5;
        }
    }

    [[nodiscard]] int operator()(float value) const {
        return static_cast<int>(std::clamp((value - low) * factor + offset, 0.0, top));
    }

    double low;
    double top;
    double offset;
    double factor = 0.0;
};

const float* rowOf(const PlaneView& plane, int row) {
    return plane.first + row * plane.rowStride;
}

void include(ValueRange& range, float value) {
    if (std::isfinite(value)) {
        range.low = std::min(range.low, value);
        range.high = std::max(range.high, value);
    }
}

ValueRange closed(ValueRange range) {
    return range.low > range.high ? ValueRange{0, 0} : range;
}

constexpr ValueRange kOpenRange = {std::numeric_limits<float>::infinity(),
                                   -std::numeric_limits<float>::infinity()};

} // namespace

PlaneView planeOf(std::span<const float> values, int height, int width) {
    Q_ASSERT(values.size() >= static_cast<std::size_t>(height) * static_cast<std::size_t>(width));
    return {values.data(), height, width, width, 1};
}

PlaneView channelOf(std::span<const float> values, ImageExtent extent, int channel) {
    Q_ASSERT(channel < extent.channels);
    const auto step = static_cast<std::ptrdiff_t>(extent.channels);
    return {values.data() + channel, extent.height, extent.width, step * extent.width, step};
}

PlaneView filterOf(std::span<const float> values, KernelExtent extent, FilterIndex index) {
    Q_ASSERT(index.input < extent.inputs && index.output < extent.outputs);
    const auto step = static_cast<std::ptrdiff_t>(extent.inputs) * extent.outputs;
    const auto start = static_cast<std::ptrdiff_t>(index.input) * extent.outputs + index.output;
    return {values.data() + start, extent.height, extent.width, step * extent.width, step};
}

ValueRange finiteRange(std::span<const float> values) {
    ValueRange range = kOpenRange;
    for (const float value : values) {
        include(range, value);
    }
    return closed(range);
}

ValueRange finiteRange(const PlaneView& plane) {
    ValueRange range = kOpenRange;
    for (int y = 0; y < plane.height; ++y) {
        const float* value = rowOf(plane, y);
        for (int x = 0; x < plane.width; ++x, value += plane.columnStride) {
            include(range, *value);
        }
    }
    return closed(range);
}

ValueRange zeroCentred(ValueRange range) {
    const float reach = std::max(std::abs(range.low), std::abs(range.high));
    return {-reach, reach};
}

QImage planeImage(const PlaneView& plane, ValueRange range, const ColorMap& map) {
    if (plane.isEmpty()) {
        return {};
    }
    QImage image(plane.width, plane.height, QImage::Format_RGB32);
    const Scaling scaling(range, kLastEntry, map.isDiverging() ? kLastEntry / 2 : 0);
    const QRgb* colors = map.table().data();
    for (int y = 0; y < plane.height; ++y) {
        const float* value = rowOf(plane, y);
        auto* pixel = reinterpret_cast<QRgb*>(image.scanLine(y));
        for (int x = 0; x < plane.width; ++x, value += plane.columnStride) {
            pixel[x] = std::isfinite(*value) ? colors[scaling(*value)] : kNotFiniteColor;
        }
    }
    return image;
}

std::vector<ValueRange> channelRanges(std::span<const float> values, ImageExtent extent) {
    const auto channels = static_cast<std::size_t>(extent.channels);
    std::vector<ValueRange> ranges(channels, kOpenRange);
    for (std::size_t pixel = 0; pixel + channels <= values.size(); pixel += channels) {
        for (std::size_t c = 0; c < channels; ++c) {
            include(ranges[c], values[pixel + c]);
        }
    }
    std::transform(ranges.begin(), ranges.end(), ranges.begin(), closed);
    return ranges;
}

std::vector<QImage> channelImages(std::span<const float> values, ImageExtent extent,
                                  std::span<const ValueRange> ranges, const ColorMap& map) {
    const auto channels = static_cast<std::size_t>(extent.channels);
    Q_ASSERT(ranges.size() == channels);
    std::vector<QImage> images;
    std::vector<Scaling> scalings;
    for (const ValueRange& range : ranges) {
        images.emplace_back(extent.width, extent.height, QImage::Format_RGB32);
        scalings.emplace_back(range, kLastEntry, map.isDiverging() ? kLastEntry / 2 : 0);
    }
    const QRgb* colors = map.table().data();
    const float* value = values.data();
    std::vector<QRgb*> rows(channels);
    for (int y = 0; y < extent.height; ++y) {
        for (std::size_t c = 0; c < channels; ++c) {
            rows[c] = reinterpret_cast<QRgb*>(images[c].scanLine(y));
        }
        for (int x = 0; x < extent.width; ++x, value += channels) {
            for (std::size_t c = 0; c < channels; ++c) {
                rows[c][x] =
                    std::isfinite(value[c]) ? colors[scalings[c](value[c])] : kNotFiniteColor;
            }
        }
    }
    return images;
}

QImage rgbImage(const std::array<PlaneView, 3>& planes, ValueRange range) {
    const PlaneView& red = planes[0];
    if (red.isEmpty()) {
        return {};
    }
    QImage image(red.width, red.height, QImage::Format_RGB32);
    const Scaling scaling(range, 255, 127.0);
    for (int y = 0; y < red.height; ++y) {
        std::array<const float*, 3> value = {rowOf(planes[0], y), rowOf(planes[1], y),
                                             rowOf(planes[2], y)};
        auto* pixel = reinterpret_cast<QRgb*>(image.scanLine(y));
        for (int x = 0; x < red.width; ++x) {
            const bool isFinite = std::isfinite(*value[0] + *value[1] + *value[2]);
            pixel[x] = isFinite ? qRgb(scaling(*value[0]), scaling(*value[1]), scaling(*value[2]))
                                : kNotFiniteColor;
            for (std::size_t c = 0; c < 3; ++c) {
                value[c] += planes[c].columnStride;
            }
        }
    }
    return image;
}

QImage sampleImage(std::span<const float> values, ImageExtent extent, ValueRange range) {
    if (extent.channels == 3) {
        return rgbImage({channelOf(values, extent, 0), channelOf(values, extent, 1),
                         channelOf(values, extent, 2)},
                        range);
    }
    return planeImage(channelOf(values, extent, 0), range, colorMap(ColorMapName::Gray));
}

QString numberText(double value, int significant) {
    if (std::isnan(value)) {
        return QStringLiteral("NaN");
    }
    if (std::isinf(value)) {
        return value < 0 ? QStringLiteral("−∞") : QStringLiteral("∞");
    }
    QString text = QLocale().toString(value, 'g', significant);
    return text.replace(u'-', u'−');
}

QString rangeText(ValueRange range) {
    if (range.low < 0.0F && range.low == -range.high) {
        return QStringLiteral("±%1").arg(numberText(range.high));
    }
    return QStringLiteral("%1 … %2").arg(numberText(range.low), numberText(range.high));
}

} // namespace widgets
