#pragma once

#include "nn/layers/support/convolution_kernels.h"
#include "nn/layers/support/extent.h"
#include "nn/layers/support/weight_options.h"

namespace nn {

/// The arguments of all convolutions over images or sequences; each layer offers those it has.
template <Extent E>
struct Convolution {
    std::int64_t filters = 32;
    E kernelSize = extentOf<E>(3);
    E strides = extentOf<E>(1);
    Padding padding = Padding::Valid;
    std::optional<E> outputPadding;
    E dilationRate = extentOf<E>(1);
    std::int64_t groups = 1;
    std::int64_t depthMultiplier = 1;
    ActivationName activation = ActivationName::Linear;
    bool useBias = true;
    WeightOptions kernel;
    WeightOptions pointwise;
    WeightOptions bias = startingAs("Zeros");
    std::optional<ParamObject> activityRegularizer;

    [[nodiscard]] ConvolutionForm form(ConvolutionKind kind, const std::string& type) const {
        ConvolutionForm form{
            .kind = kind,
            .type = type,
            .filters = filters,
            .window = {planar(kernelSize), planar(strides), planar(dilationRate), padding},
            .groups = groups,
            .depthMultiplier = depthMultiplier,
            .activation = activation,
            .useBias = useBias};
        if (outputPadding) {
            form.outputPadding = planar(*outputPadding, 0);
        }
        return form;
    }
};

/// Help of the arguments that differ between images and sequences.
[[nodiscard]] ParamDetail filtersDetail();
[[nodiscard]] ParamDetail causalPaddingDetail();
[[nodiscard]] ParamDetail transposedPaddingDetail();
[[nodiscard]] ParamDetail groupsDetail();
[[nodiscard]] ParamDetail depthMultiplierDetail();

namespace detail {

template <Extent E>
ParamDetail kernelSizeDetail() {
    ParamDetail detail = extentDetail<E>(
        1, 1'024,
        wording<E>("Height and width of each filter. 3×3 is the usual choice: two of them in a row "
                   "see as much as one 5×5 and need fewer weights.",
                   "How many steps of the sequence each filter sees at once. 3 to 9 are usual."));
    detail.required = true;
    return detail;
}

template <Extent E>
ParamDetail stridesDetail(ConvolutionKind kind) {
    return extentDetail<E>(
        1, 1'024,
        kind == ConvolutionKind::Transposed
            ? wording<E>("How far apart the pixels of the input are painted. 2 doubles height and "
                         "width. Not together with dilation_rate.",
                         "How far apart the steps of the input are painted. 2 doubles the length. "
                         "Not together with dilation_rate.")
            : wording<E>("How far the filter moves between two positions. 2 halves height and "
                         "width, like a pooling layer. Not together with dilation_rate.",
                         "How far the filter moves between two positions. 2 halves the length, "
                         "like a pooling layer. Not together with dilation_rate."));
}

template <Extent E>
ParamDetail dilationDetail() {
    return extentDetail<E>(
        1, 1'024,
        wording<E>("Distance between the pixels a filter looks at. 2 lets a 3×3 filter see a 5×5 "
                   "area with gaps, at the cost of 9 weights. Not together with strides.",
                   "Distance between the steps a filter looks at. 2 lets a filter of 3 see 5 steps "
                   "with gaps, at the cost of 3 weights. Not together with strides."));
}

/// Adds what the filters are and how they slide, in Keras' order.
template <Extent E>
void addFilters(DefineLayer<Convolution<E>>& layer, ConvolutionKind kind) {
    using Options = Convolution<E>;
    if (kind != ConvolutionKind::Depthwise) {
        layer.param(&Options::filters, "filters", filtersDetail());
    }
    const bool plain = kind == ConvolutionKind::Plain;
    const bool transposed = kind == ConvolutionKind::Transposed;
    layer.param(&Options::kernelSize, "kernel_size", kernelSizeDetail<E>())
        .param(&Options::strides, "strides", stridesDetail<E>(kind))
        .param(&Options::padding, "padding",
               transposed               ? transposedPaddingDetail()
               : plain && !kIsPlanar<E> ? causalPaddingDetail()
                                        : paddingDetail());
    if (transposed) {
        layer.param(&Options::outputPadding, "output_padding",
                    extentDetail<E>(0, 1'023,
                                    "Adds so many positions at the end of the output, fewer than "
                                    "strides. None gives the usual size: strides times the input "
                                    "with padding 'same'."));
    }
    if (kind == ConvolutionKind::Depthwise) {
        layer.param(&Options::depthMultiplier, "depth_multiplier", depthMultiplierDetail());
    }
    layer.param(&Options::dilationRate, "dilation_rate", dilationDetail<E>());
    if (kind == ConvolutionKind::Separable) {
        layer.param(&Options::depthMultiplier, "depth_multiplier", depthMultiplierDetail());
    }
    if (plain) {
        layer.param(&Options::groups, "groups", groupsDetail());
    }
}

template <Extent E>
std::vector<WeightArgument<Convolution<E>>> weightsOf(ConvolutionKind kind) {
    using Options = Convolution<E>;
    std::vector<WeightArgument<Options>> weights;
    switch (kind) {
    case ConvolutionKind::Plain:
    case ConvolutionKind::Transposed:
        weights.push_back({&Options::kernel, "kernel", "the filters"});
        break;
    case ConvolutionKind::Depthwise:
        weights.push_back({&Options::kernel, "depthwise", "the filters"});
        break;
    case ConvolutionKind::Separable:
        weights.push_back({&Options::kernel, "depthwise", "the filters of single channels"});
        weights.push_back({&Options::pointwise, "pointwise", "the weights of the channels"});
        break;
    }
    weights.push_back({&Options::bias, "bias", "the biases", "use_bias"});
    return weights;
}

/// The weights as Keras has them: kernels of sequences have one extent less.
template <Extent E>
std::vector<WeightSpec> weightSpecs(const Convolution<E>& options, const ConvolutionForm& form,
                                    std::int64_t channels) {
    const Shape full = kernelShape(form, channels);
    const Shape shape = kIsPlanar<E> ? full : Shape{full[1], full[2], full[3]};
    const bool separable = form.kind == ConvolutionKind::Separable;
    std::vector<WeightSpec> weights{
        options.kernel.spec(separable ? "depthwise_kernel" : "kernel", shape)};
    if (separable) {
        const std::int64_t between = channels * form.depthMultiplier;
        weights.push_back(options.pointwise.spec("pointwise_kernel",
                                                 kIsPlanar<E> ? Shape{1, 1, between, form.filters}
                                                              : Shape{1, between, form.filters}));
    }
    if (form.useBias) {
        weights.push_back(options.bias.spec("bias", {form.outputChannels(channels)}));
    }
    return weights;
}

template <Extent E>
std::string shapeFormula(ConvolutionKind kind) {
    const std::string channels = kind == ConvolutionKind::Depthwise
                                     ? "channels = input channels × depth_multiplier"
                                     : "channels = filters";
    if (kind != ConvolutionKind::Transposed) {
        return slidFormula<E>("reach", channels) +
               "\nreach = (kernel_size − 1) × dilation_rate + 1";
    }
    const std::string extent = wording<E>("height and width", "length");
    return extent + " with padding 'valid' = (input − 1) × strides + max(kernel_size, strides)\n" +
           extent + " with padding 'same' = input × strides\n" + channels;
}

template <Extent E>
std::string paramsFormula(ConvolutionKind kind) {
    const std::string size = wording<E>("kernel height × kernel width", "kernel size");
    switch (kind) {
    case ConvolutionKind::Plain:
        return size + " × input channels ÷ groups × filters + filters (with use_bias)";
    case ConvolutionKind::Transposed:
        return size + " × input channels × filters + filters (with use_bias)";
    case ConvolutionKind::Depthwise:
        return size + " × channels + channels (with use_bias)";
    case ConvolutionKind::Separable:
        return size + " × input channels × depth_multiplier + input channels × depth_multiplier × "
                      "filters + filters (with use_bias)";
    }
    return {};
}

} // namespace detail

/// A definition with everything the convolutions share: all but the help text.
template <Extent E>
[[nodiscard]] DefineLayer<Convolution<E>>
defineConvolution(ConvolutionKind kind, const std::string& type, std::string summary) {
    using Options = Convolution<E>;
    using Definition = DefineLayer<Options>;
    using Inputs = typename Definition::Inputs;
    Definition definition(type, Category::Convolution, std::move(summary));
    detail::addFilters<E>(definition, kind);
    definition.param(&Options::activation, "activation", activationDetail())
        .param(&Options::useBias, "use_bias", useBiasDetail())
        .with(weightArguments<Options>(detail::weightsOf<E>(kind), &Options::activityRegularizer))
        .shape([=](const Options& options, Inputs inputs) -> typename Definition::Shaped {
            if (auto problem = inputProblem<E>(type, inputs[0])) {
                return tl::unexpected(*problem);
            }
            auto output = convolvedShape(options.form(kind, type), asImage(inputs[0]));
            return output ? typename Definition::Shaped(fromImage<E>(*output)) : output;
        })
        .weights([=](const Options& options, Inputs inputs) {
            return detail::weightSpecs(options, options.form(kind, type), inputs[0].back());
        })
        .kernel([=](const Options& options, Inputs inputs, const Shape& output) {
            return convolutionKernel(options.form(kind, type), asImage(inputs[0]), asImage(output));
        })
        .cost([=](const Options& options, Inputs inputs, const Shape& output) {
            return convolutionCost(options.form(kind, type), asImage(inputs[0]), asImage(output));
        })
        .window([=](const Options& options, Inputs inputs) {
            return convolutionWindow(options.form(kind, type), asImage(inputs[0]));
        });
    definition.formulas(detail::shapeFormula<E>(kind), detail::paramsFormula<E>(kind));
    ParamMap example;
    if (kind != ConvolutionKind::Depthwise) {
        example.emplace("filters", std::int64_t{6});
    }
    definition.example({kIsPlanar<E> ? Shape{9, 8, 4} : Shape{11, 4}}, std::move(example));
    return definition;
}

} // namespace nn
