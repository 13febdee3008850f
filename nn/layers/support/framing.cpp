#include "nn/layers/support/framing.h"

#include "nn/base/saturated.h"

namespace nn {

tl::expected<Shape, LayerProblem> framedShape(const std::string& type, FramingKind kind,
                                              const Borders& borders, const Shape& image) {
    const bool pads = kind == FramingKind::Padding;
    const std::string param = pads ? "padding" : "cropping";
    Shape output = image;
    const std::int64_t vertical = borders.top + borders.bottom;
    const std::int64_t horizontal = borders.left + borders.right;
    if (image[0] != kUnknown) {
        output[0] = saturatedSum(image[0], pads ? vertical : -vertical);
    }
    if (image[1] != kUnknown) {
        output[1] = saturatedSum(image[1], pads ? horizontal : -horizontal);
    }
    const bool isEmpty =
        (image[0] != kUnknown && output[0] <= 0) || (image[1] != kUnknown && output[1] <= 0);
    if (isEmpty) {
        return layerProblem(type + " cuts off " + std::to_string(vertical) + " rows and " +
                                std::to_string(horizontal) + " columns, but its input is only " +
                                shapeText(image) + ". Cut off less, or crop a larger image.",
                            param);
    }
    if (auto problem = sizeProblem(type, "its output", output, param)) {
        return tl::unexpected(*problem);
    }
    return output;
}

BorderGeometry framedGeometry(FramingKind kind, const Borders& borders, const Shape& image,
                              const Shape& output) {
    const std::int64_t sign = kind == FramingKind::Padding ? 1 : -1;
    return {.sourceHeight = image[0],
            .sourceWidth = image[1],
            .targetHeight = output[0],
            .targetWidth = output[1],
            .channels = image[2],
            .top = sign * borders.top,
            .left = sign * borders.left};
}

} // namespace nn
