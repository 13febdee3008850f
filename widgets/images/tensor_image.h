#pragma once

#include "widgets/images/color_map.h"

#include <QImage>
#include <array>
#include <cstddef>
#include <span>
#include <vector>

namespace widgets {

/// The values that take the first and the last colour of a map.
struct ValueRange {
    float low = 0.0F;
    float high = 1.0F;

    bool operator==(const ValueRange&) const = default;
};

/// One picture inside a larger array of floats: strides count floats, so a channel of an NHWC
/// tensor or one filter of a (kh, kw, cin, cout) kernel is shown without a copy.
struct PlaneView {
    const float* first = nullptr;
    int height = 0;
    int width = 0;
    std::ptrdiff_t rowStride = 0;
    std::ptrdiff_t columnStride = 1;

    [[nodiscard]] bool isEmpty() const { return first == nullptr || height <= 0 || width <= 0; }
};

/// The extents of an image tensor.
struct ImageExtent {
    int height = 0;
    int width = 0;
    int channels = 1;

    bool operator==(const ImageExtent&) const = default;
};

/// The extents of a convolution's kernel.
struct KernelExtent {
    int height = 0;
    int width = 0;
    int inputs = 1;
    int outputs = 1;

    bool operator==(const KernelExtent&) const = default;
};

struct FilterIndex {
    int input = 0;
    int output = 0;
};

/// A dense plane, row after row.
[[nodiscard]] PlaneView planeOf(std::span<const float> values, int height, int width);
/// Channel `channel` of an image (height, width, channels).
[[nodiscard]] PlaneView channelOf(std::span<const float> values, ImageExtent extent, int channel);
/// Filter `output` at input channel `input` of a kernel (height, width, inputs, outputs).
[[nodiscard]] PlaneView filterOf(std::span<const float> values, KernelExtent extent,
                                 FilterIndex index);

/// The finite range of each channel, in one pass through memory.
[[nodiscard]] std::vector<ValueRange> channelRanges(std::span<const float> values,
                                                    ImageExtent extent);
/// One picture for each channel, in one pass through memory; one range for each channel.
[[nodiscard]] std::vector<QImage> channelImages(std::span<const float> values, ImageExtent extent,
                                                std::span<const ValueRange> ranges,
                                                const ColorMap& map);

/// Least and greatest finite value; {0, 0} when there is none.
[[nodiscard]] ValueRange finiteRange(std::span<const float> values);
[[nodiscard]] ValueRange finiteRange(const PlaneView& plane);
/// The zero-centred range that holds both ends.
[[nodiscard]] ValueRange zeroCentred(ValueRange range);

/// NaN and infinities take this colour in every picture.
inline constexpr QRgb kNotFiniteColor = 0xFFFF00FFU;

/// Format_RGB32; a range without width shows the middle of a diverging map, else the first colour.
[[nodiscard]] QImage planeImage(const PlaneView& plane, ValueRange range, const ColorMap& map);
/// Three planes of one size as red, green, blue; each scaled by the same range.
[[nodiscard]] QImage rgbImage(const std::array<PlaneView, 3>& planes, ValueRange range);
/// An image tensor as people see it: gray for one channel, colour for three, else the first
/// channel.
[[nodiscard]] QImage sampleImage(std::span<const float> values, ImageExtent extent,
                                 ValueRange range = {});

/// "−0.42 … 1.3", four significant digits at most, the locale's decimal sign, a true minus.
[[nodiscard]] QString rangeText(ValueRange range);
[[nodiscard]] QString numberText(double value, int significant = 3);

} // namespace widgets
