#include "nn/layers/support/extent.h"

namespace nn {

Shape asImage(const Shape& shape) {
    return shape.rank() == 2 ? Shape{1, shape[0], shape[1]} : shape;
}

std::optional<LayerProblem> sequenceProblem(std::string_view layer, const Shape& input) {
    const std::string name(layer);
    if (input.rank() == 2) {
        if (input[1] == kUnknown) {
            return LayerProblem{name + " needs to know how many channels its input has. Give the "
                                       "Input layer a number of channels, like (None, 3)."};
        }
        return std::nullopt;
    }
    const std::string dimensions =
        std::to_string(input.rank()) + (input.rank() == 1 ? " dimension" : " dimensions");
    const std::string advice =
        input.rank() < 2 ? "Put it before Flatten or Dense, or add a channel axis to the Input."
                         : "Use the 2D layer of the same kind for images.";
    return LayerProblem{name + " needs a sequence (length, channels), but its input has " +
                        dimensions + ". " + advice};
}

} // namespace nn
