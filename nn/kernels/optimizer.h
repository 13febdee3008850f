#pragma once

#include "nn/base/parallel.h"

#include <cstdint>
#include <span>

namespace nn {

/// Scalars of one SGD step. `weightDecay` is decoupled: w -= w · weightDecay · learningRate first.
struct SgdStep {
    double learningRate = 0.01;
    double momentum = 0.0;
    bool nesterov = false;
    double weightDecay = 0.0;
    double gradientScale = 1.0; ///< Gradients are multiplied by this first (clipping by norm).
};
/// One step of Keras' SGD. `velocity` may be empty when momentum is 0.
void sgdStep(Parallel& parallel, const SgdStep& step, std::span<const float> gradient,
             std::span<float> weights, std::span<float> velocity);

/// Scalars of one Adam step; AdamW is Adam with weight decay.
struct AdamStep {
    double learningRate = 0.001;
    double beta1 = 0.9;
    double beta2 = 0.999;
    double epsilon = 1e-7;
    std::int64_t step = 1; ///< Iterations + 1.
    double weightDecay = 0.0;
    double gradientScale = 1.0;
};
struct AdamState {
    std::span<float> m;
    std::span<float> v;
    std::span<float> maximumV; ///< AMSGrad's; empty: plain Adam.
};
/// One step of Keras' Adam: epsilon outside the root, v not corrected.
void adamStep(Parallel& parallel, const AdamStep& step, std::span<const float> gradient,
              std::span<float> weights, const AdamState& state);

/// Scalars of one RMSprop step.
struct RmspropStep {
    double learningRate = 0.001;
    double rho = 0.9;
    double momentum = 0.0;
    double epsilon = 1e-7;
    double weightDecay = 0.0;
    double gradientScale = 1.0;
};
struct RmspropState {
    std::span<float> v;
    std::span<float> average;  ///< Centered RMSprop's; empty: not centered.
    std::span<float> velocity; ///< May be empty when momentum is 0.
};
/// One step of Keras' RMSprop: epsilon inside the root.
void rmspropStep(Parallel& parallel, const RmspropStep& step, std::span<const float> gradient,
                 std::span<float> weights, const RmspropState& state);

} // namespace nn
