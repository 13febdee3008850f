#pragma once

#include "nn/kernels/convolution.h"
#include "nn/layers/support/shapes.h"

#include <optional>
#include <string>

namespace nn {

/// The four ways of sliding filters over an image.
enum class ConvolutionKind {
    Plain,      ///< Filters see all channels (of their group).
    Transposed, ///< Enlarges: every input pixel paints a filter.
    Depthwise,  ///< Filters see one channel each.
    Separable,  ///< Depthwise, then a 1×1 convolution over the channels.
};

/// A convolution over images, whatever layer it comes from. Sequences are images of height 1.
struct ConvolutionForm {
    ConvolutionKind kind = ConvolutionKind::Plain;
    std::string type = {}; ///< "Conv2D", for messages.
    std::int64_t filters = 1;
    WindowOptions window = {};
    std::optional<Size2> outputPadding = {};
    std::int64_t groups = 1;
    std::int64_t depthMultiplier = 1;
    ActivationName activation = ActivationName::Linear;
    bool useBias = true;

    /// Channels of the output for an input with that many.
    [[nodiscard]] std::int64_t outputChannels(std::int64_t channels) const;
};

/// The output for an image with known channels, or why there is none.
[[nodiscard]] tl::expected<Shape, LayerProblem> convolvedShape(const ConvolutionForm& form,
                                                               const Shape& image);
/// (kernel height, kernel width, …) as Keras has it; of a separable one the depthwise kernel.
[[nodiscard]] Shape kernelShape(const ConvolutionForm& form, std::int64_t channels);

[[nodiscard]] LayerCost convolutionCost(const ConvolutionForm& form, const Shape& image,
                                        const Shape& output);
[[nodiscard]] Window convolutionWindow(const ConvolutionForm& form, const Shape& image);

/// The sizes for the kernels. A transposed convolution is the gradient of the one described: its
/// input is `outHeight` × `outWidth` large. Of a separable one, the depthwise part.
[[nodiscard]] ConvGeometry convolutionGeometry(const ConvolutionForm& form, const Shape& image,
                                               const Shape& output);

} // namespace nn
