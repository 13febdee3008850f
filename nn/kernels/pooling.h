#pragma once

#include "nn/base/parallel.h"
#include "nn/kernels/activation.h"
#include "nn/kernels/common.h"

#include <cstddef>
#include <cstdint>
#include <span>

namespace nn {

/// Sizes of one 2-D pooling over NHWC images. Windows are cut at the border of the image: padding
/// never wins a maximum and is not counted in an average (Keras' rule).
struct PoolGeometry {
    std::int64_t inHeight = 1, inWidth = 1, channels = 1;
    std::int64_t outHeight = 1, outWidth = 1;
    std::int64_t poolHeight = 1, poolWidth = 1;
    std::int64_t strideHeight = 1, strideWidth = 1;
    std::int64_t padTop = 0, padLeft = 0;
    /// Windows that cover the image in outHeight · outWidth nearly equal parts, as Keras' adaptive
    /// poolings; the pool is the largest of them, strides and padding do not matter.
    bool adaptive = false;

    bool operator==(const PoolGeometry&) const = default;

    [[nodiscard]] std::int64_t inputFloats() const { return inHeight * inWidth * channels; }
    [[nodiscard]] std::int64_t outputFloats() const { return outHeight * outWidth * channels; }
};

/// Bytes of the positions that a forward pass saves for the backward pass: one per output value for
/// windows up to 256 cells, else four.
[[nodiscard]] std::int64_t maxPoolPositionBytes(const PoolGeometry& g, std::int64_t batch);

struct MaxPoolForwardArgs {
    std::int64_t batch = 1;
    std::span<const float> x;
    std::span<float> y;
    /// Position of the maximum in its window, row by row; empty: not wanted. 4-byte aligned.
    std::span<std::byte> positions;
};
/// The largest value of each window; the first one wins among equals; NaN wins over all.
void maxPoolForward(Parallel& parallel, const PoolGeometry& g, const MaxPoolForwardArgs& args);

struct MaxPoolBackwardArgs {
    std::int64_t batch = 1;
    std::span<const float> dy;
    std::span<const std::byte> positions;
    std::span<float> dx;
    Write write = Write::Assign;
};
void maxPoolBackward(Parallel& parallel, const PoolGeometry& g, const MaxPoolBackwardArgs& args);

struct AveragePoolForwardArgs {
    std::int64_t batch = 1;
    std::span<const float> x;
    std::span<float> y;
};
/// The mean of each window, over the cells that lie in the image.
void averagePoolForward(Parallel& parallel, const PoolGeometry& g,
                        const AveragePoolForwardArgs& args);

struct AveragePoolBackwardArgs {
    std::int64_t batch = 1;
    std::span<const float> dy;
    std::span<float> dx;
    Write write = Write::Assign;
    /// x came out of it: dx times its slope, known from x. Linear, or one with `averagesAfter`
    /// (square_pooling.h).
    Activation activation{};
    std::span<const float> outputs{}; ///< x; not read if linear.
};
void averagePoolBackward(Parallel& parallel, const PoolGeometry& g,
                         const AveragePoolBackwardArgs& args);

/// Sizes of a pooling over all pixels: [batch][pixels][channels] to [batch][channels].
struct GlobalPoolGeometry {
    std::int64_t batch = 1, pixels = 1, channels = 1;

    bool operator==(const GlobalPoolGeometry&) const = default;
};

void globalAverageForward(Parallel& parallel, const GlobalPoolGeometry& g, std::span<const float> x,
                          std::span<float> y);
void globalAverageBackward(Parallel& parallel, const GlobalPoolGeometry& g,
                           std::span<const float> dy, std::span<float> dx);

/// `positions`: the pixel of each maximum, [batch][channels]; empty: not wanted.
void globalMaxForward(Parallel& parallel, const GlobalPoolGeometry& g, std::span<const float> x,
                      std::span<float> y, std::span<std::int32_t> positions);
void globalMaxBackward(Parallel& parallel, const GlobalPoolGeometry& g, std::span<const float> dy,
                       std::span<const std::int32_t> positions, std::span<float> dx);

} // namespace nn
