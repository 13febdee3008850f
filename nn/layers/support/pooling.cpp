#include "nn/layers/support/pooling.h"

namespace nn {

PoolGeometry poolGeometry(const WindowOptions& window, const Shape& image, const Shape& output) {
    return {.inHeight = image[0],
            .inWidth = image[1],
            .channels = image[2],
            .outHeight = output[0],
            .outWidth = output[1],
            .poolHeight = window.kernel.height,
            .poolWidth = window.kernel.width,
            .strideHeight = window.strides.height,
            .strideWidth = window.strides.width,
            .padTop = window.vertical(image).padBefore(),
            .padLeft = window.horizontal(image).padBefore()};
}

PoolGeometry adaptiveGeometry(const Shape& image, const Shape& output) {
    // A part of `extent` cells cut into `parts` touches at most one cell more than their quotient.
    const auto largest = [](std::int64_t extent, std::int64_t parts) {
        return std::min(extent, (extent + parts - 1) / parts + 1);
    };
    return {.inHeight = image[0],
            .inWidth = image[1],
            .channels = image[2],
            .outHeight = output[0],
            .outWidth = output[1],
            .poolHeight = largest(image[0], output[0]),
            .poolWidth = largest(image[1], output[1]),
            .adaptive = true};
}

LayerCost poolingCost(PoolKind kind, const Size2& window, const Shape& output) {
    LayerCost cost{.otherOperations =
                       saturatedProduct({elementsOrZero(output), window.height, window.width})};
    if (kind == PoolKind::Maximum) {
        const bool fitsByte = saturatedProduct({window.height, window.width}) <= 256;
        cost.savedBytes = saturatedProduct({elementsOrZero(output), fitsByte ? 1 : 4});
    }
    return cost;
}

} // namespace nn
