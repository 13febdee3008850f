#pragma once

#include "nn/layers/support/extent.h"
#include "nn/layers/support/pooling_kernels.h"

namespace nn {

/// The arguments all poolings with a window have, over images or sequences.
template <Extent E>
struct Pooling {
    E poolSize = extentOf<E>(2);
    std::optional<E> strides; ///< None: the window's size, so windows do not overlap.
    Padding padding = Padding::Valid;

    [[nodiscard]] WindowOptions window() const {
        return {planar(poolSize), planar(strides.value_or(poolSize)), {1, 1}, padding};
    }
};

[[nodiscard]] PoolGeometry poolGeometry(const WindowOptions& window, const Shape& image,
                                        const Shape& output);
/// What the kernel of this kind costs over windows of that size.
[[nodiscard]] LayerCost poolingCost(PoolKind kind, const Size2& window, const Shape& output);

/// A definition with everything the poolings share: all but the help text.
template <Extent E>
[[nodiscard]] DefineLayer<Pooling<E>> definePooling(const std::string& type, PoolKind kind,
                                                    std::string summary) {
    using Definition = DefineLayer<Pooling<E>>;
    using Inputs = typename Definition::Inputs;
    Definition definition(type, Category::Pooling, std::move(summary));
    ParamDetail size = extentDetail<E>(
        1, 4'096,
        wording<E>("Height and width of the window. 2×2 leaves half of each, 3×3 a third.",
                   "How many steps one window covers. 2 halves the length."));
    size.required = true;
    definition.param(&Pooling<E>::poolSize, "pool_size", std::move(size))
        .param(&Pooling<E>::strides, "strides",
               extentDetail<E>(
                   1, 4'096,
                   "How far the window moves between two positions. None moves it by its own "
                   "size; smaller steps let windows overlap."))
        .param(&Pooling<E>::padding, "padding", paddingDetail())
        .shape([type](const Pooling<E>& options, Inputs inputs) -> typename Definition::Shaped {
            if (auto problem = inputProblem<E>(type, inputs[0])) {
                return tl::unexpected(*problem);
            }
            return slidExtent<E>(type, options.window(), inputs[0], inputs[0].back(), "pool_size");
        })
        .kernel([kind](const Pooling<E>& options, Inputs inputs, const Shape& output) {
            return poolingKernel(
                kind, poolGeometry(options.window(), asImage(inputs[0]), asImage(output)));
        })
        .cost([kind](const Pooling<E>& options, Inputs /*inputs*/, const Shape& output) {
            return poolingCost(kind, options.window().kernel, output);
        })
        .window([](const Pooling<E>& options, Inputs inputs) {
            return options.window().window(asImage(inputs[0]));
        })
        .formulas(slidFormula<E>("pool_size", "channels = input channels"));
    definition.example({kIsPlanar<E> ? Shape{9, 8, 3} : Shape{11, 3}});
    return definition;
}

/// The argument of the global poolings.
struct GlobalPooling {
    bool keepdims = false;
};

/// A definition with everything the global poolings share: all but the help text.
template <Extent E>
[[nodiscard]] DefineLayer<GlobalPooling> defineGlobalPooling(const std::string& type, PoolKind kind,
                                                             std::string summary) {
    using Definition = DefineLayer<GlobalPooling>;
    using Inputs = Definition::Inputs;
    Definition definition(type, Category::Pooling, std::move(summary));
    definition
        .param(&GlobalPooling::keepdims, "keepdims",
               {.help = wording<E>(
                    "Keeps height and width as 1×1, so that layers for images can follow.",
                    "Keeps the length as 1, so that layers for sequences can follow.")})
        .shape([type](const GlobalPooling& options, Inputs inputs) -> Definition::Shaped {
            if (auto problem = inputProblem<E>(type, inputs[0])) {
                return tl::unexpected(*problem);
            }
            const std::int64_t channels = inputs[0].back();
            return options.keepdims ? fromImage<E>({1, 1, channels}) : Shape{channels};
        })
        .kernel([kind](const GlobalPooling& /*options*/, Inputs inputs, const Shape& /*output*/) {
            const Shape image = asImage(inputs[0]);
            return globalPoolingKernel(kind, image[0] * image[1], image[2]);
        })
        .cost([kind](const GlobalPooling& /*options*/, Inputs inputs, const Shape& output) {
            return LayerCost{.otherOperations = elementsOrZero(inputs[0]),
                             .savedBytes = kind == PoolKind::Maximum ? 4 * output.back() : 0};
        })
        .window([](const GlobalPooling& /*options*/, Inputs /*inputs*/) {
            return Window{.global = true};
        })
        .formulas(wording<E>("input channels; with keepdims 1 × 1 × input channels",
                             "input channels; with keepdims 1 × input channels"));
    definition.example({kIsPlanar<E> ? Shape{5, 4, 3} : Shape{7, 3}});
    return definition;
}

/// The argument of the adaptive poolings.
template <Extent E>
struct AdaptivePooling {
    E outputSize = extentOf<E>(4);
};

/// Windows that cut an image into that many nearly equal parts.
[[nodiscard]] PoolGeometry adaptiveGeometry(const Shape& image, const Shape& output);

/// A definition with everything the adaptive poolings share: all but the help text.
template <Extent E>
[[nodiscard]] DefineLayer<AdaptivePooling<E>>
defineAdaptivePooling(const std::string& type, PoolKind kind, std::string summary) {
    using Definition = DefineLayer<AdaptivePooling<E>>;
    using Inputs = typename Definition::Inputs;
    Definition definition(type, Category::Pooling, std::move(summary));
    ParamDetail size = extentDetail<E>(
        1, 4'096,
        wording<E>("Height and width of the output, whatever the size of the input is.",
                   "Length of the output, whatever the length of the input is."));
    size.required = true;
    definition.param(&AdaptivePooling<E>::outputSize, "output_size", std::move(size))
        .shape([type](const AdaptivePooling<E>& options, Inputs inputs) ->
               typename Definition::Shaped {
                   if (auto problem = inputProblem<E>(type, inputs[0])) {
                       return tl::unexpected(*problem);
                   }
                   const Size2 size2 = planar(options.outputSize);
                   const Shape output = fromImage<E>({size2.height, size2.width, inputs[0].back()});
                   if (auto problem = sizeProblem(type, "its output", output, "output_size")) {
                       return tl::unexpected(*problem);
                   }
                   return output;
               })
        .kernel([kind](const AdaptivePooling<E>& /*options*/, Inputs inputs, const Shape& output) {
            return poolingKernel(kind, adaptiveGeometry(asImage(inputs[0]), asImage(output)));
        })
        .cost([kind](const AdaptivePooling<E>& /*options*/, Inputs inputs, const Shape& output) {
            return LayerCost{.otherOperations = elementsOrZero(inputs[0]),
                             .savedBytes = kind == PoolKind::Maximum ? elementsOrZero(output) : 0};
        })
        // The parts overlap and differ in size; what a unit sees is at most the whole image.
        .window([](const AdaptivePooling<E>& /*options*/, Inputs /*inputs*/) {
            return Window{.global = true};
        })
        .formulas("output_size × input channels");
    definition.example({kIsPlanar<E> ? Shape{9, 7, 3} : Shape{11, 3}});
    return definition;
}

} // namespace nn
