#pragma once

#include "nn/layers/support/resampling.h"

namespace nn {

/// The arguments of UpSampling1D and UpSampling2D.
template <Extent E>
struct UpSampling {
    E size = extentOf<E>(2);
    Interpolation interpolation = Interpolation::Nearest;
};

/// A definition with everything both share: all but the help text and the interpolation.
template <Extent E>
[[nodiscard]] DefineLayer<UpSampling<E>> defineUpSampling(const std::string& type,
                                                          std::string summary) {
    using Definition = DefineLayer<UpSampling<E>>;
    using Inputs = typename Definition::Inputs;
    Definition definition(type, Category::Reshaping, std::move(summary));
    definition
        .param(&UpSampling<E>::size, "size",
               extentDetail<E>(1, 1'024,
                               wording<E>("How many times as high and as wide the image becomes.",
                                          "How many times as long the sequence becomes.")))
        .shape([type](const UpSampling<E>& options, Inputs inputs) -> typename Definition::Shaped {
            if (auto problem = inputProblem<E>(type, inputs[0])) {
                return tl::unexpected(*problem);
            }
            const Size2 size = planar(options.size);
            const auto grown = [](std::int64_t extent, std::int64_t factor) {
                return extent == kUnknown ? kUnknown : saturatedProduct({extent, factor});
            };
            const Shape image = asImage(inputs[0]);
            const Shape output{grown(image[0], size.height), grown(image[1], size.width), image[2]};
            if (auto problem = sizeProblem(type, "its output", output, "size")) {
                return tl::unexpected(*problem);
            }
            return fromImage<E>(output);
        })
        .kernel([](const UpSampling<E>& options, Inputs inputs, const Shape& output) {
            const Shape from = asImage(inputs[0]);
            const Shape to = asImage(output);
            const auto span = [&](std::size_t axis) {
                return croppedSpan(from[axis], from[axis], to[axis], options.interpolation);
            };
            return resamplingKernel({span(0), span(1), from[2]});
        })
        .cost([](const UpSampling<E>& options, Inputs /*inputs*/, const Shape& output) {
            return resamplingCost(options.interpolation, output);
        })
        // Fractions of a pixel apart: what a unit sees is at most the whole image.
        .window([](const UpSampling<E>& /*options*/, Inputs /*inputs*/) {
            return Window{.global = true};
        })
        .formulas(wording<E>("height = input height × size\nwidth = input width × size\n"
                             "channels = input channels",
                             "length = input length × size\nchannels = input channels"));
    definition.example({kIsPlanar<E> ? Shape{4, 5, 3} : Shape{6, 3}});
    return definition;
}

} // namespace nn
