#include "tests/support/reference_convolutions.h"

#include "tests/support/reference_activations.h"

#include <algorithm>

namespace reference {
namespace {

std::int64_t number(const LayerRun& run, std::string_view name) {
    return std::get<std::int64_t>(argument(run, name));
}

std::string paddingOf(const LayerRun& run) {
    return std::get<std::string>(argument(run, "padding"));
}

/// Adds the bias, if there is one, and applies the activation.
Values finished(const LayerRun& run, Values y, const Inputs& weights) {
    const std::int64_t channels = run.output.back();
    if (std::get<bool>(argument(run, "use_bias"))) {
        for (std::size_t i = 0; i < y.size(); ++i)
            y[i] += weights.back()[i % static_cast<std::size_t>(channels)];
    }
    return activated(std::get<std::string>(argument(run, "activation")), channels, y);
}

/// The window of a convolution; padding by the side the padding argument says.
nn::ConvGeometry geometryOf(const LayerRun& run, std::int64_t channels) {
    const nn::Size2 kernel = sizeArgument(run, "kernel_size");
    const nn::Size2 strides = sizeArgument(run, "strides");
    const nn::Size2 dilation = sizeArgument(run, "dilation_rate");
    const nn::Shape in = image(run.inputs[0]);
    const nn::Shape out = image(run.output);
    const bool same = paddingOf(run) == "same";
    const Window down{in[0], kernel.height, strides.height, dilation.height, same};
    const Window across{in[1], kernel.width, strides.width, dilation.width, same};
    nn::ConvGeometry g{
        in[0],           in[1],          in[2],           out[0],           out[1],
        channels,        kernel.height,  kernel.width,    strides.height,   strides.width,
        dilation.height, dilation.width, padBefore(down), padBefore(across)};
    if (paddingOf(run) == "causal")
        g.padLeft = (kernel.width - 1) * dilation.width;
    return g;
}

Values plain(const LayerRun& run, const Inputs& inputs, const Inputs& weights) {
    nn::ConvGeometry g = geometryOf(run, number(run, "filters"));
    g.groups = number(run, "groups");
    return finished(run, convForward(g, run.batch, inputs[0], weights[0], {}), weights);
}

Values channelwise(const LayerRun& run, const Inputs& inputs, const Inputs& weights) {
    const std::int64_t channels = run.inputs[0].back();
    nn::ConvGeometry g = geometryOf(run, channels * number(run, "depth_multiplier"));
    g.groups = channels;
    return convForward(g, run.batch, inputs[0], weights[0], {});
}

Values depthwise(const LayerRun& run, const Inputs& inputs, const Inputs& weights) {
    return finished(run, channelwise(run, inputs, weights), weights);
}

Values separable(const LayerRun& run, const Inputs& inputs, const Inputs& weights) {
    const Values between = channelwise(run, inputs, weights);
    const std::int64_t filters = number(run, "filters");
    const auto channels = static_cast<std::int64_t>(weights[1].size()) / filters;
    const nn::DenseGeometry mix{static_cast<std::int64_t>(between.size()) / channels, channels,
                                filters};
    return finished(run, denseForward(mix, between, weights[1], {}), weights);
}

/// Where the output of a transposed convolution begins in the scattered filters, as Keras'
/// conversion to JAX says.
std::int64_t cropBefore(const LayerRun& run, std::int64_t kernel, std::int64_t stride,
                        std::int64_t dilation, const std::int64_t* outputPadding) {
    const std::int64_t reach = (kernel - 1) * dilation + 1;
    if (paddingOf(run) == "valid")
        return 0;
    const std::int64_t total =
        outputPadding != nullptr ? reach + reach % 2 - 2 + *outputPadding : stride + reach - 2;
    return reach - 1 - std::min(total / 2 + total % 2, reach - 1);
}

Values transposed(const LayerRun& run, const Inputs& inputs, const Inputs& weights) {
    const nn::Size2 kernel = sizeArgument(run, "kernel_size");
    const nn::Size2 strides = sizeArgument(run, "strides");
    const nn::Size2 dilation = sizeArgument(run, "dilation_rate");
    const bool given = !std::holds_alternative<nn::None>(argument(run, "output_padding"));
    nn::Size2 extra = given ? sizeArgument(run, "output_padding") : nn::Size2{0, 0};
    if (run.inputs[0].rank() == 2)
        extra.height = 0;
    const std::int64_t top = cropBefore(run, kernel.height, strides.height, dilation.height,
                                        given ? &extra.height : nullptr);
    const std::int64_t left = cropBefore(run, kernel.width, strides.width, dilation.width,
                                         given ? &extra.width : nullptr);
    const nn::Shape in = image(run.inputs[0]);
    const nn::Shape out = image(run.output);
    Values y(static_cast<std::size_t>(run.batch * out.count()), 0.0);
    const auto at = [](std::int64_t index) { return static_cast<std::size_t>(index); };
    const auto paint = [&](std::int64_t n, std::int64_t i, std::int64_t j, std::int64_t a,
                           std::int64_t b) {
        const std::int64_t row = i * strides.height + a * dilation.height - top;
        const std::int64_t column = j * strides.width + b * dilation.width - left;
        if (row < 0 || row >= out[0] || column < 0 || column >= out[1])
            return;
        for (std::int64_t f = 0; f < out[2]; ++f)
            for (std::int64_t c = 0; c < in[2]; ++c)
                y[at(((n * out[0] + row) * out[1] + column) * out[2] + f)] +=
                    inputs[0][at(((n * in[0] + i) * in[1] + j) * in[2] + c)] *
                    weights[0][at(((a * kernel.width + b) * out[2] + f) * in[2] + c)];
    };
    for (std::int64_t n = 0; n < run.batch; ++n)
        for (std::int64_t i = 0; i < in[0]; ++i)
            for (std::int64_t j = 0; j < in[1]; ++j)
                for (std::int64_t a = 0; a < kernel.height; ++a)
                    for (std::int64_t b = 0; b < kernel.width; ++b)
                        paint(n, i, j, a, b);
    return finished(run, y, weights);
}

} // namespace

const std::map<std::string, LayerReference>& convolutionLayers() {
    static const std::map<std::string, LayerReference> table{{"Conv2D", plain},
                                                             {"Conv1D", plain},
                                                             {"Conv2DTranspose", transposed},
                                                             {"Conv1DTranspose", transposed},
                                                             {"DepthwiseConv2D", depthwise},
                                                             {"DepthwiseConv1D", depthwise},
                                                             {"SeparableConv2D", separable},
                                                             {"SeparableConv1D", separable}};
    return table;
}

} // namespace reference
