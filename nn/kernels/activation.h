#pragma once

#include "nn/base/parallel.h"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>

namespace nn {

/// Keras' activation functions that work value by value.
enum class ActivationKind : std::uint8_t {
    Linear,
    Relu,
    Sigmoid,
    Tanh,
    Elu,
    Selu,
    Softplus,
    Softsign,
    Silu,
    Gelu, ///< Exact: x Φ(x).
    Exponential,
    HardSigmoid, ///< Keras 3: relu6(x + 3) / 6.
    HardSilu,    ///< x relu6(x + 3) / 6.
    HardTanh,    ///< x, at least -1 and at most 1.
    HardShrink,  ///< x, but 0 for |x| ≤ 1/2.
    SoftShrink,  ///< x drawn towards 0 by 1/2.
    TanhShrink,  ///< x - tanh x.
    Mish,        ///< x tanh(log(1 + eˣ)).
    LogSigmoid,
    SquarePlus,    ///< (x + √(x² + 4)) / 2.
    SparsePlus,    ///< 0 below -1, x above 1, (x + 1)² / 4 between.
    SparseSigmoid, ///< (x + 1) / 2, at least 0 and at most 1.
};
inline constexpr std::size_t kActivationKinds = 22;

/// An activation with its numbers. Relu: x > threshold gives x, at most maxValue, else
/// negativeSlope (x - threshold). Elu: alpha (eˣ - 1) below 0.
struct Activation {
    ActivationKind kind = ActivationKind::Linear;
    float alpha = 1.0F;
    float negativeSlope = 0.0F;
    float threshold = 0.0F;
    float maxValue = std::numeric_limits<float>::infinity();

    bool operator==(const Activation&) const = default;
};

/// y = f(x), value by value; y may be x.
void activationForward(Parallel& parallel, const Activation& f, std::span<const float> x,
                       std::span<float> y);

/// What `activationBackward` reads besides dy: the output suffices where it says the slope: not for
/// silu, gelu and their kin, which fall and rise, nor for relu and elu with unusual numbers.
enum class BackwardReads : std::uint8_t { Output, Input };
[[nodiscard]] BackwardReads activationBackwardReads(const Activation& f);

struct ActivationBackwardArgs {
    std::span<const float> x; ///< Read only for BackwardReads::Input; else may be empty.
    std::span<const float> y; ///< Read only for BackwardReads::Output; else may be empty.
    std::span<const float> dy;
    std::span<float> dx; ///< May be dy.
};
/// dx = dy f'(x).
void activationBackward(Parallel& parallel, const Activation& f,
                        const ActivationBackwardArgs& args);

/// Sizes of a softmax along the last axis.
struct SoftmaxGeometry {
    std::int64_t rows = 1;
    std::int64_t classes = 1;

    bool operator==(const SoftmaxGeometry&) const = default;
};

/// Each row becomes exp(x) / Σ exp(x), shifted by its maximum so that nothing overflows.
void softmaxForward(Parallel& parallel, const SoftmaxGeometry& g, std::span<const float> x,
                    std::span<float> y);
/// dx = y (dy - Σ y dy); dx may be dy.
void softmaxBackward(Parallel& parallel, const SoftmaxGeometry& g, std::span<const float> y,
                     std::span<const float> dy, std::span<float> dx);

struct SoftmaxCrossEntropyArgs {
    std::span<const float> logits;
    std::span<const std::int32_t> labels; ///< One class per row; or empty, and `targets` is read.
    std::span<const float> targets;       ///< A distribution per row.
    std::span<float> losses;              ///< One per row.
    std::span<float> dLogits;             ///< Always written.
    float gradientScale = 1.0F;           ///< Usually 1 / batch.
};
/// Softmax, cross-entropy and its gradient in one pass: loss = log Σ exp(z) Σ t - Σ t z.
void softmaxCrossEntropy(Parallel& parallel, const SoftmaxGeometry& g,
                         const SoftmaxCrossEntropyArgs& args);

} // namespace nn
