#include "nn/data/image.h"

namespace nn::data {

std::size_t ImageShape::bytes() const {
    return static_cast<std::size_t>(height) * static_cast<std::size_t>(width) *
           static_cast<std::size_t>(channels);
}

std::string text(const ImageShape& shape) {
    std::string kind = std::to_string(shape.channels) + " channels";
    if (shape.channels == 1) {
        kind = "grey";
    } else if (shape.channels == 3) {
        kind = "RGB";
    } else if (shape.channels == 4) {
        kind = "RGB with alpha";
    }
    return std::to_string(shape.height) + "×" + std::to_string(shape.width) + " " + kind;
}

} // namespace nn::data
