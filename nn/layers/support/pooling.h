#pragma once

#include "nn/exec/kernel.h"
#include "nn/kernels/pooling.h"
#include "nn/layers/support/shapes.h"

namespace nn {

/// The arguments all poolings with a window have.
struct Pooling {
    Size2 poolSize{2, 2};
    std::optional<Size2> strides; ///< None: the window's size, so windows do not overlap.
    Padding padding = Padding::Valid;

    [[nodiscard]] WindowOptions window() const {
        return {poolSize, strides.value_or(poolSize), {1, 1}, padding};
    }
};

/// A definition with everything the poolings share: arguments, shape, window, example.
[[nodiscard]] DefineLayer<Pooling> definePooling(const std::string& type, std::string summary);
[[nodiscard]] LayerCost poolingCost(const Pooling& options, const Shape& output);
[[nodiscard]] PoolGeometry poolGeometry(const Pooling& options, const Shape& image,
                                        const Shape& output);

} // namespace nn
