#include "nn/layers/support/convolution_form.h"

#include "nn/base/saturated.h"

#include <algorithm>
#include <utility>

namespace nn {

namespace {

/// Enlarging along one axis: the output is a part of the scattered filters, or larger than them.
struct TransposedAxis {
    std::int64_t input = 1;
    std::int64_t stride = 1;
    std::int64_t reach = 1; ///< Of one filter.
    Padding padding = Padding::Valid;
    std::optional<std::int64_t> outputPadding = {};

    [[nodiscard]] std::int64_t output() const {
        if (input == kUnknown) {
            return kUnknown;
        }
        const std::int64_t last = saturatedProduct({input - 1, stride});
        if (padding == Padding::Valid) {
            return last + reach + outputPadding.value_or(std::max(reach, stride) - reach);
        }
        return last + (outputPadding ? reach % 2 + *outputPadding : stride);
    }
    /// Cells of the scattered filters in front of the output.
    [[nodiscard]] std::int64_t cropBefore() const {
        if (padding == Padding::Valid) {
            return 0;
        }
        const std::int64_t total =
            reach - 2 + (outputPadding ? reach % 2 + *outputPadding : stride);
        return reach - 1 - std::min((total + 1) / 2, reach - 1);
    }
};

std::int64_t reachOf(std::int64_t kernel, std::int64_t dilation) {
    return (kernel - 1) * dilation + 1;
}

TransposedAxis transposedVertical(const ConvolutionForm& form, const Shape& image) {
    const WindowOptions& window = form.window;
    TransposedAxis axis{.input = image[0],
                        .stride = window.strides.height,
                        .reach = reachOf(window.kernel.height, window.dilation.height),
                        .padding = window.padding};
    if (form.outputPadding) {
        axis.outputPadding = form.outputPadding->height;
    }
    return axis;
}

TransposedAxis transposedHorizontal(const ConvolutionForm& form, const Shape& image) {
    const WindowOptions& window = form.window;
    TransposedAxis axis{.input = image[1],
                        .stride = window.strides.width,
                        .reach = reachOf(window.kernel.width, window.dilation.width),
                        .padding = window.padding};
    if (form.outputPadding) {
        axis.outputPadding = form.outputPadding->width;
    }
    return axis;
}

std::optional<LayerProblem> groupsProblem(const ConvolutionForm& form, std::int64_t channels) {
    const std::string groups = std::to_string(form.groups);
    if (form.filters % form.groups != 0) {
        return LayerProblem{form.type + " deals its " + std::to_string(form.filters) +
                                " filters out to " + groups +
                                " groups, which does not come out even. Choose filters as a "
                                "multiple of groups.",
                            "groups"};
    }
    if (channels % form.groups != 0) {
        return LayerProblem{form.type + " cuts the " + std::to_string(channels) +
                                " channels of its input into " + groups +
                                " groups, which does not come out even. Choose groups as a divisor "
                                "of the channels.",
                            "groups"};
    }
    return std::nullopt;
}

std::optional<LayerProblem> optionsProblem(const ConvolutionForm& form, std::int64_t channels) {
    const Size2& strides = form.window.strides;
    if (strides != Size2{1, 1} && form.window.dilation != Size2{1, 1}) {
        return LayerProblem{form.type + " cannot have strides and a dilation_rate above 1 "
                                        "together. Set one of them back to 1.",
                            "dilation_rate"};
    }
    if (form.outputPadding && (form.outputPadding->height >= strides.height ||
                               form.outputPadding->width >= strides.width)) {
        return LayerProblem{form.type + " needs an output_padding below its strides, but it is not "
                                        "smaller. Set it to None or enlarge the strides.",
                            "output_padding"};
    }
    return groupsProblem(form, channels);
}

/// The argument that is to blame when there are too many weights or outputs.
std::string sizeParam(const ConvolutionForm& form) {
    return form.kind == ConvolutionKind::Depthwise ? "depth_multiplier" : "filters";
}

tl::expected<Shape, LayerProblem> enlargedShape(const ConvolutionForm& form, const Shape& image) {
    const Shape output{transposedVertical(form, image).output(),
                       transposedHorizontal(form, image).output(), form.filters};
    if (output[0] == 0 || output[1] == 0) {
        return layerProblem(form.type + " makes an empty output of its input " + shapeText(image) +
                                ". Set output_padding to None, or use a larger kernel_size.",
                            "output_padding");
    }
    return output;
}

} // namespace

std::int64_t ConvolutionForm::outputChannels(std::int64_t channels) const {
    return kind == ConvolutionKind::Depthwise ? saturatedProduct({channels, depthMultiplier})
                                              : filters;
}

Shape kernelShape(const ConvolutionForm& form, std::int64_t channels) {
    const Size2& kernel = form.window.kernel;
    switch (form.kind) {
    case ConvolutionKind::Plain:
        return {kernel.height, kernel.width, channels / form.groups, form.filters};
    case ConvolutionKind::Transposed:
        return {kernel.height, kernel.width, form.filters, channels};
    case ConvolutionKind::Depthwise:
    case ConvolutionKind::Separable:
        return {kernel.height, kernel.width, channels, form.depthMultiplier};
    }
    return {};
}

tl::expected<Shape, LayerProblem> convolvedShape(const ConvolutionForm& form, const Shape& image) {
    const std::int64_t channels = image[2];
    if (auto problem = optionsProblem(form, channels)) {
        return tl::unexpected(*problem);
    }
    const Shape kernel = kernelShape(form, channels);
    if (auto problem = sizeProblem(form.type, "its filters", kernel, sizeParam(form))) {
        return tl::unexpected(*problem);
    }
    const bool separable = form.kind == ConvolutionKind::Separable;
    const Shape pointwise{saturatedProduct({channels, form.depthMultiplier}), form.filters};
    if (auto problem = sizeProblem(form.type, "its filters", pointwise, "filters");
        problem && separable) {
        return tl::unexpected(*problem);
    }
    auto output = form.kind == ConvolutionKind::Transposed
                      ? enlargedShape(form, image)
                      : slidShape(form.type, form.window, image, form.outputChannels(channels),
                                  "kernel_size");
    if (output) {
        if (auto problem = sizeProblem(form.type, "its output", *output, sizeParam(form))) {
            return tl::unexpected(*problem);
        }
    }
    return output;
}

LayerCost convolutionCost(const ConvolutionForm& form, const Shape& image, const Shape& output) {
    const std::int64_t values = elementsOrZero(output);
    const std::int64_t taps = form.window.kernel.height * form.window.kernel.width;
    const std::int64_t pixels = elementsOrZero({output[0], output[1]});
    LayerCost cost = activationCost(form.activation, values);
    switch (form.kind) {
    case ConvolutionKind::Plain:
        cost.macs = saturatedProduct({values, taps, image[2] / form.groups});
        break;
    case ConvolutionKind::Transposed:
        cost.macs = saturatedProduct({elementsOrZero(image), taps, form.filters});
        break;
    case ConvolutionKind::Depthwise:
        cost.macs = saturatedProduct({values, taps});
        break;
    case ConvolutionKind::Separable: {
        const std::int64_t between = saturatedProduct({pixels, image[2], form.depthMultiplier});
        cost.macs = saturatedProduct({between, saturatedSum(taps, form.filters)});
        cost.savedBytes = saturatedSum(cost.savedBytes, saturatedProduct({between, 4}));
        break;
    }
    }
    cost.otherOperations += form.useBias ? values : 0;
    return cost;
}

Window convolutionWindow(const ConvolutionForm& form, const Shape& image) {
    if (form.kind != ConvolutionKind::Transposed) {
        return form.window.window(image);
    }
    // Fractions of a pixel apart: what a unit sees is at most the whole image.
    return {.global = true};
}

ConvGeometry convolutionGeometry(const ConvolutionForm& form, const Shape& image,
                                 const Shape& output) {
    const WindowOptions& window = form.window;
    ConvGeometry geometry{.inHeight = image[0],
                          .inWidth = image[1],
                          .inChannels = image[2],
                          .outHeight = output[0],
                          .outWidth = output[1],
                          .outChannels = output[2],
                          .kernelHeight = window.kernel.height,
                          .kernelWidth = window.kernel.width,
                          .strideHeight = window.strides.height,
                          .strideWidth = window.strides.width,
                          .dilationHeight = window.dilation.height,
                          .dilationWidth = window.dilation.width,
                          .padTop = window.vertical(image).padBefore(),
                          .padLeft = window.horizontal(image).padBefore(),
                          .groups = form.groups};
    switch (form.kind) {
    case ConvolutionKind::Plain:
        break;
    case ConvolutionKind::Transposed:
        std::swap(geometry.inHeight, geometry.outHeight);
        std::swap(geometry.inWidth, geometry.outWidth);
        std::swap(geometry.inChannels, geometry.outChannels);
        geometry.padTop = transposedVertical(form, image).cropBefore();
        geometry.padLeft = transposedHorizontal(form, image).cropBefore();
        break;
    case ConvolutionKind::Depthwise:
    case ConvolutionKind::Separable:
        geometry.outChannels = image[2] * form.depthMultiplier;
        geometry.groups = image[2];
        break;
    }
    return geometry;
}

} // namespace nn
