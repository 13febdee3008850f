#pragma once

#include "nn/layers/support/resampling.h"

#include <type_traits>

namespace nn {

/// Whether borders are added to an image or cut off.
enum class FramingKind { Padding, Cropping };

/// Borders of an image, or (before, after) of a sequence.
template <Extent E>
using BordersOf = std::conditional_t<kIsPlanar<E>, Borders, Size2>;

template <Extent E, std::int64_t Default>
struct Framing {
    BordersOf<E> borders = [] {
        if constexpr (kIsPlanar<E>) {
            return Borders{Default, Default, Default, Default};
        } else {
            return Size2{Default, Default};
        }
    }();
};

[[nodiscard]] inline Borders allBorders(const Borders& borders) {
    return borders;
}
[[nodiscard]] inline Borders allBorders(const Size2& pair) {
    return {.left = pair.height, .right = pair.width};
}

/// The image with its borders added or cut off, or why nothing is left.
[[nodiscard]] tl::expected<Shape, LayerProblem>
framedShape(const std::string& type, FramingKind kind, const Borders& borders, const Shape& image);
[[nodiscard]] BorderGeometry framedGeometry(FramingKind kind, const Borders& borders,
                                            const Shape& image, const Shape& output);

/// A definition with everything the padding and cropping layers share: all but the help text.
template <Extent E, std::int64_t Default>
[[nodiscard]] DefineLayer<Framing<E, Default>>
defineFraming(const std::string& type, FramingKind kind, std::string summary) {
    using Options = Framing<E, Default>;
    using Definition = DefineLayer<Options>;
    using Inputs = typename Definition::Inputs;
    const bool pads = kind == FramingKind::Padding;
    const char* const help =
        pads ? wording<E>("Rows and columns of zeros on each side: top, bottom, left and right.",
                          "Steps of zeros before and after the sequence.")
             : wording<E>("Rows and columns cut off on each side: top, bottom, left and right.",
                          "Steps cut off at the beginning and at the end.");
    Definition definition(type, Category::Reshaping, std::move(summary));
    definition
        .param(&Options::borders, pads ? "padding" : "cropping", extentDetail<E>(0, 65'536, help))
        .shape([=](const Options& options, Inputs inputs) -> typename Definition::Shaped {
            if (auto problem = inputProblem<E>(type, inputs[0])) {
                return tl::unexpected(*problem);
            }
            auto output = framedShape(type, kind, allBorders(options.borders), asImage(inputs[0]));
            return output ? typename Definition::Shaped(fromImage<E>(*output)) : output;
        })
        .kernel([=](const Options& options, Inputs inputs, const Shape& output) {
            return framingKernel(framedGeometry(kind, allBorders(options.borders),
                                                asImage(inputs[0]), asImage(output)));
        })
        .cost([](const Options& /*options*/, Inputs /*inputs*/, const Shape& output) {
            return LayerCost{.otherOperations = elementsOrZero(output)};
        })
        .window([=](const Options& options, Inputs /*inputs*/) {
            const Borders borders = allBorders(options.borders);
            const std::int64_t sign = kind == FramingKind::Padding ? 1 : -1;
            return Window{.padTop = sign * borders.top, .padLeft = sign * borders.left};
        })
        .formulas(pads ? wording<E>("height = input height + top + bottom\n"
                                    "width = input width + left + right\n"
                                    "channels = input channels",
                                    "length = input length + before + after\n"
                                    "channels = input channels")
                       : wording<E>("height = input height − top − bottom\n"
                                    "width = input width − left − right\n"
                                    "channels = input channels",
                                    "length = input length − before − after\n"
                                    "channels = input channels"))
        .example({kIsPlanar<E> ? Shape{6, 7, 3} : Shape{8, 3}});
    return definition;
}

} // namespace nn
