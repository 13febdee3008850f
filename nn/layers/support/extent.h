#pragma once

#include "nn/layers/support/shapes.h"

#include <concepts>

namespace nn {

/// Sizes along an image are pairs, along a sequence single numbers. A layer written for both is a
/// template over this type; sequences (length, channels) run as images of height 1.
template <typename T>
concept Extent = std::same_as<T, Size2> || std::same_as<T, std::int64_t>;

template <Extent E>
inline constexpr bool kIsPlanar = std::same_as<E, Size2>;

/// The same number along all axes.
template <Extent E>
[[nodiscard]] constexpr E extentOf(std::int64_t value) {
    if constexpr (kIsPlanar<E>) {
        return {value, value};
    } else {
        return value;
    }
}

/// What `image` says for images and `sequence` for sequences: for help texts.
template <Extent E>
[[nodiscard]] constexpr const char* wording(const char* image, const char* sequence) {
    return kIsPlanar<E> ? image : sequence;
}

/// As (height, width); a sequence has height `across`.
[[nodiscard]] constexpr Size2 planar(const Size2& size, std::int64_t /*across*/ = 1) {
    return size;
}
[[nodiscard]] constexpr Size2 planar(std::int64_t length, std::int64_t across = 1) {
    return {across, length};
}

/// (length, channels) as (1, length, channels); images as they are.
[[nodiscard]] Shape asImage(const Shape& shape);
/// The way back: (1, length, channels) as (length, channels).
template <Extent E>
[[nodiscard]] Shape fromImage(const Shape& image) {
    return kIsPlanar<E> ? image : Shape{image[1], image[2]};
}

/// A problem when the input is not a sequence (length, channels) with known channels.
[[nodiscard]] std::optional<LayerProblem> sequenceProblem(std::string_view layer,
                                                          const Shape& input);
/// A problem when the input is not what a layer over E works on.
template <Extent E>
[[nodiscard]] std::optional<LayerProblem> inputProblem(std::string_view layer, const Shape& input) {
    return kIsPlanar<E> ? imageProblem(layer, input) : sequenceProblem(layer, input);
}

/// `slidShape` for images and sequences; `input` and result are those of the layer.
template <Extent E>
[[nodiscard]] tl::expected<Shape, LayerProblem>
slidExtent(std::string_view layer, const WindowOptions& options, const Shape& input,
           std::int64_t channels, std::string_view sizeParam) {
    auto output = slidShape(layer, options, asImage(input), channels, sizeParam);
    if (!output) {
        return output;
    }
    return fromImage<E>(*output);
}

/// The help page's formula for sliding a window, one line for each part.
template <Extent E>
[[nodiscard]] std::string slidFormula(std::string_view size, std::string_view channels) {
    const std::string extent = wording<E>("height and width", "length");
    return extent + " with padding 'valid' = ⌊(input − " + std::string(size) +
           ") ÷ strides⌋ + 1\n" + extent + " with padding 'same' = ⌈input ÷ strides⌉\n" +
           std::string(channels);
}

/// What a whole-number argument along the axes of E says about itself.
template <Extent E>
[[nodiscard]] ParamDetail extentDetail(std::int64_t min, std::int64_t max, std::string help) {
    return {.min = static_cast<double>(min),
            .max = static_cast<double>(max),
            .step = 1,
            .unit = kIsPlanar<E> ? "px" : "steps",
            .help = std::move(help)};
}

} // namespace nn
