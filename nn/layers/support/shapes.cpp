#include "nn/layers/support/shapes.h"

#include "nn/base/text.h"

#include <algorithm>
#include <limits>

namespace nn {

namespace {

std::string dimensionsText(std::size_t rank) {
    return std::to_string(rank) + (rank == 1 ? " dimension" : " dimensions");
}

} // namespace

std::int64_t saturatedProduct(std::initializer_list<std::int64_t> factors) {
    std::int64_t product = 1;
    for (const std::int64_t factor : factors) {
        const auto next = checkedProduct(product, factor);
        if (!next) {
            return std::numeric_limits<std::int64_t>::max();
        }
        product = *next;
    }
    return product;
}

std::int64_t elementsOrZero(const Shape& shape) {
    return shape.elements().value_or(0);
}

std::optional<LayerProblem> imageProblem(std::string_view layer, const Shape& input) {
    const std::string name(layer);
    if (input.rank() == 3) {
        if (input[2] == kUnknown) {
            return LayerProblem{name + " needs to know how many channels its input has. Give the "
                                       "Input layer a number of channels, like (None, None, 3)."};
        }
        return std::nullopt;
    }
    const std::string advice =
        input.rank() < 3 ? "Put it before Flatten or Dense, or add a channel axis to the Input."
                         : "Remove the surplus axes in front.";
    return LayerProblem{name + " needs an image (height, width, channels), but its input has " +
                        dimensionsText(input.rank()) + ". " + advice};
}

std::optional<LayerProblem> sizeProblem(std::string_view layer, std::string_view what,
                                        const Shape& shape, std::string param) {
    std::int64_t product = 1;
    for (const std::int64_t extent : shape) {
        const auto next = checkedProduct(product, extent == kUnknown ? 1 : extent);
        if (!next || *next > kMostElements) {
            return LayerProblem{std::string(layer) + " would need more than " +
                                    countText(static_cast<double>(kMostElements)) +
                                    " numbers for " + std::string(what) + " (" + shapeText(shape) +
                                    "), which no computer holds. Make it smaller.",
                                std::move(param)};
        }
        product = *next;
    }
    return std::nullopt;
}

std::optional<std::size_t> axisIndex(std::int64_t axis, std::size_t rank) {
    const auto count = static_cast<std::int64_t>(rank);
    if (axis >= 1 && axis <= count) {
        return static_cast<std::size_t>(axis - 1);
    }
    if (axis <= -1 && axis >= -count) {
        return static_cast<std::size_t>(axis + count);
    }
    return std::nullopt;
}

LayerProblem axisProblem(std::string_view layer, std::int64_t axis, const Shape& input) {
    const std::string count = std::to_string(input.rank());
    return {std::string(layer) + " was given axis " + std::to_string(axis) +
                ", but its input has " + dimensionsText(input.rank()) +
                " after the batch: use 1 to " + count + ", or -" + count +
                " to -1 counted from the end.",
            "axis"};
}

tl::expected<Shape, LayerProblem> broadcastShape(std::string_view layer,
                                                 std::span<const Shape> inputs) {
    std::size_t rank = 0;
    for (const Shape& input : inputs) {
        rank = std::max(rank, input.rank());
    }
    Shape output(std::vector<std::int64_t>(rank, 1));
    for (const Shape& input : inputs) {
        const std::size_t offset = rank - input.rank();
        for (std::size_t i = 0; i < input.rank(); ++i) {
            std::int64_t& extent = output[offset + i];
            if (extent == 1 || (extent == kUnknown && input[i] > 1)) {
                extent = input[i];
            } else if (input[i] != 1 && input[i] != kUnknown && input[i] != extent) {
                return layerProblem(std::string(layer) +
                                    " needs inputs of equal shape, but it has " +
                                    shapeText(inputs[0]) + " and " + shapeText(input) +
                                    ". Change filters, strides or padding in one of the branches "
                                    "until they agree.");
            }
        }
    }
    return output;
}

AxisSplit splitAround(const Shape& shape, std::size_t axis) {
    AxisSplit split;
    for (std::size_t i = 0; i < shape.rank(); ++i) {
        if (i < axis) {
            split.outer *= shape[i];
        } else if (i == axis) {
            split.extent = shape[i];
        } else {
            split.inner *= shape[i];
        }
    }
    return split;
}

std::int64_t WindowAxis::output() const {
    if (input == kUnknown) {
        return kUnknown;
    }
    const std::int64_t last = padding == Padding::Valid ? input - reach() : input - 1;
    return last < 0 ? 0 : last / stride + 1;
}

std::int64_t WindowAxis::padBefore() const {
    if (padding == Padding::Valid || input == kUnknown) {
        return 0;
    }
    if (padding == Padding::Causal) {
        return reach() - 1;
    }
    return std::max<std::int64_t>((output() - 1) * stride + reach() - input, 0) / 2;
}

Window WindowOptions::window(const Shape& image) const {
    return {.kernel = kernel,
            .strides = strides,
            .dilation = dilation,
            .padTop = vertical(image).padBefore(),
            .padLeft = horizontal(image).padBefore()};
}

tl::expected<Shape, LayerProblem> slidShape(std::string_view layer, const WindowOptions& options,
                                            const Shape& image, std::int64_t channels,
                                            std::string_view sizeParam) {
    const WindowAxis vertical = options.vertical(image);
    const WindowAxis horizontal = options.horizontal(image);
    const Shape output{vertical.output(), horizontal.output(), channels};
    if (output[0] == 0 || output[1] == 0) {
        const std::string reach =
            std::to_string(vertical.reach()) + "×" + std::to_string(horizontal.reach());
        return layerProblem(std::string(layer) + " looks through a window of " + reach +
                                " pixels, but its input is only " + shapeText(image) +
                                ". Use a smaller " + std::string(sizeParam) +
                                ", padding 'same', or fewer layers that shrink the image.",
                            std::string(sizeParam));
    }
    return output;
}

} // namespace nn
