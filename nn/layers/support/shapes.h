#pragma once

#include "nn/layers/support/choices.h"
#include "nn/model/define_layer.h"

#include <initializer_list>
#include <optional>
#include <span>
#include <string_view>

namespace nn {

/// More numbers than this in one tensor are refused when a network is drawn; far below the point
/// where sizes in bytes could overflow.
inline constexpr std::int64_t kMostElements = std::int64_t{1} << 48;

/// A product that stays at the largest number instead of overflowing.
[[nodiscard]] std::int64_t saturatedProduct(std::initializer_list<std::int64_t> factors);
/// Elements of a shape, or 0 when an extent is unknown.
[[nodiscard]] std::int64_t elementsOrZero(const Shape& shape);

/// A problem when the input is not an image (height, width, channels) with known channels.
[[nodiscard]] std::optional<LayerProblem> imageProblem(std::string_view layer, const Shape& input);
/// A problem when a tensor of this shape would be absurdly large; `what`: "its output".
[[nodiscard]] std::optional<LayerProblem> sizeProblem(std::string_view layer, std::string_view what,
                                                      const Shape& shape, std::string param);

/// An axis as Keras counts it (0 is the batch, negative from the end) as an index into a shape
/// without batch; nothing when there is no such axis.
[[nodiscard]] std::optional<std::size_t> axisIndex(std::int64_t axis, std::size_t rank);
/// What to say when there is none.
[[nodiscard]] LayerProblem axisProblem(std::string_view layer, std::int64_t axis,
                                       const Shape& input);

/// The shape that merged inputs stretch to: equal extents, or 1 beside any; from the last axis on.
[[nodiscard]] tl::expected<Shape, LayerProblem> broadcastShape(std::string_view layer,
                                                               std::span<const Shape> inputs);

/// A tensor seen around one axis: [outer][extent][inner], without batch.
struct AxisSplit {
    std::int64_t outer = 1;
    std::int64_t extent = 1;
    std::int64_t inner = 1;
    bool operator==(const AxisSplit&) const = default;
};
[[nodiscard]] AxisSplit splitAround(const Shape& shape, std::size_t axis);

/// Sliding a window along one axis of an image.
struct WindowAxis {
    std::int64_t input = 1;
    std::int64_t kernel = 1;
    std::int64_t stride = 1;
    std::int64_t dilation = 1;
    Padding padding = Padding::Valid;

    /// How many input positions one window spans.
    [[nodiscard]] std::int64_t reach() const { return (kernel - 1) * dilation + 1; }
    /// Number of windows; unknown for an unknown input; 0 or less when not even one fits.
    [[nodiscard]] std::int64_t output() const;
    /// Positions added before the first; Keras puts the odd one at the end.
    [[nodiscard]] std::int64_t padBefore() const;
};

/// Sliding a window over an image.
struct WindowOptions {
    Size2 kernel{1, 1};
    Size2 strides{1, 1};
    Size2 dilation{1, 1};
    Padding padding = Padding::Valid;

    [[nodiscard]] WindowAxis vertical(const Shape& image) const {
        return {image[0], kernel.height, strides.height, dilation.height, padding};
    }
    [[nodiscard]] WindowAxis horizontal(const Shape& image) const {
        return {image[1], kernel.width, strides.width, dilation.width, padding};
    }
    [[nodiscard]] Window window(const Shape& image) const;
};

/// Height and width after sliding, with the channels given; or why no window fits. `sizeParam` is
/// the argument to blame: "kernel_size".
[[nodiscard]] tl::expected<Shape, LayerProblem> slidShape(std::string_view layer,
                                                          const WindowOptions& options,
                                                          const Shape& image, std::int64_t channels,
                                                          std::string_view sizeParam);

} // namespace nn
