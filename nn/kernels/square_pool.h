#pragma once

#include "nn/kernels/activation.h"

#include <cstdint>

namespace nn {

/// One row of outputs of a pooling by 2×2 cells without overlap: two rows of the image, pixel by
/// pixel, `columns` windows of `channels` values. An odd last pixel belongs to no window.
struct SquareRows {
    std::int64_t columns = 0;
    std::int64_t channels = 0;
    bool oddPixel = false; ///< One more pixel in the rows; its gradient is 0.
};

/// y = the largest value of each window; `positions` (null: not wanted) say which of the four, row
/// by row. The first one wins among equals; NaN wins over all.
void maxSquares(const SquareRows& rows, const float* top, const float* bottom, float* y,
                std::uint8_t* positions);

/// Its gradient, written over both rows. With `outputs` (not null), those of a ReLU before the
/// pooling, windows whose output is not above 0 pass nothing on.
void maxSquaresBackward(const SquareRows& rows, const float* dy, const std::uint8_t* positions,
                        const float* outputs, float* top, float* bottom);

/// y = the mean of each window.
void averageSquares(const SquareRows& rows, const float* top, const float* bottom, float* y);

/// The activations whose gradient that of the means can include.
inline constexpr ActivationKind kAveragedActivations[] = {
    ActivationKind::Relu, ActivationKind::Sigmoid, ActivationKind::Tanh};

/// The gradient of the means, written over both rows; times the slope of the activation that the
/// rows came out of, unless it is linear.
struct MeanGradient {
    const float* dy = nullptr;
    Activation activation{}; ///< Linear, or one of `kAveragedActivations`, known from its output.
    const float* topOutputs = nullptr; ///< Both rows; not read if linear.
    const float* bottomOutputs = nullptr;
    float* top = nullptr;
    float* bottom = nullptr;
};
void averageSquaresBackward(const SquareRows& rows, const MeanGradient& gradient);

} // namespace nn
