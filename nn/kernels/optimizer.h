#pragma once

#include "nn/base/parallel.h"

#include <cstdint>
#include <limits>
#include <span>

namespace nn {

/// What every optimizer does before its own rule. The gradient used is `gradientScale` times the
/// one given, cut to ±`gradientBound`; the weights lose weightDecay · learningRate of themselves.
struct StepCommon {
    double learningRate = 0.001;
    double weightDecay = 0.0;
    double gradientScale = 1.0;
    double gradientBound = std::numeric_limits<double>::infinity();
};

/// Scalars of one SGD step.
struct SgdStep {
    StepCommon common = {.learningRate = 0.01};
    double momentum = 0.0;
    bool nesterov = false;
};
/// One step of Keras' SGD. `velocity` may be empty when momentum is 0.
void sgdStep(Parallel& parallel, const SgdStep& step, std::span<const float> gradient,
             std::span<float> weights, std::span<float> velocity);

/// Scalars of one Adam step; AdamW is Adam with weight decay.
struct AdamStep {
    StepCommon common = {};
    double beta1 = 0.9;
    double beta2 = 0.999;
    double epsilon = 1e-7;
    std::int64_t step = 1; ///< Iterations + 1.
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
    StepCommon common = {};
    double rho = 0.9;
    double momentum = 0.0;
    double epsilon = 1e-7;
};
struct RmspropState {
    std::span<float> v;
    std::span<float> average;  ///< Centered RMSprop's; empty: not centered.
    std::span<float> velocity; ///< May be empty when momentum is 0.
};
/// One step of Keras' RMSprop: epsilon inside the root.
void rmspropStep(Parallel& parallel, const RmspropStep& step, std::span<const float> gradient,
                 std::span<float> weights, const RmspropState& state);

/// Scalars of one Lion step.
struct LionStep {
    StepCommon common = {};
    double beta1 = 0.9;
    double beta2 = 0.99;
};
/// One step of Keras' Lion: every weight moves by the learning rate or not at all.
void lionStep(Parallel& parallel, const LionStep& step, std::span<const float> gradient,
              std::span<float> weights, std::span<float> momentum);

/// Scalars of one Adagrad step.
struct AdagradStep {
    StepCommon common = {};
    double epsilon = 1e-7;
};
/// One step of Keras' Adagrad: epsilon inside the root.
void adagradStep(Parallel& parallel, const AdagradStep& step, std::span<const float> gradient,
                 std::span<float> weights, std::span<float> accumulator);

/// Scalars of one Adadelta step.
struct AdadeltaStep {
    StepCommon common = {};
    double rho = 0.95;
    double epsilon = 1e-7;
};
struct AdadeltaState {
    std::span<float> gradients; ///< Running mean of squared gradients.
    std::span<float> changes;   ///< Running mean of squared changes.
};
void adadeltaStep(Parallel& parallel, const AdadeltaStep& step, std::span<const float> gradient,
                  std::span<float> weights, const AdadeltaState& state);

/// Scalars of one Adamax step.
struct AdamaxStep {
    StepCommon common = {};
    double beta1 = 0.9;
    double beta2 = 0.999;
    double epsilon = 1e-7;
    std::int64_t step = 1; ///< Iterations + 1.
};
struct AdamaxState {
    std::span<float> m;
    std::span<float> norm; ///< The largest magnitude, fading.
};
void adamaxStep(Parallel& parallel, const AdamaxStep& step, std::span<const float> gradient,
                std::span<float> weights, const AdamaxState& state);

/// Scalars of one Nadam step; `momentum` is the schedule u of this step, `nextMomentum` of the
/// next, `product` of all up to this one.
struct NadamStep {
    StepCommon common = {};
    double beta1 = 0.9;
    double beta2 = 0.999;
    double epsilon = 1e-7;
    std::int64_t step = 1; ///< Iterations + 1.
    double momentum = 0.0;
    double nextMomentum = 0.0;
    double product = 0.0;
};
void nadamStep(Parallel& parallel, const NadamStep& step, std::span<const float> gradient,
               std::span<float> weights, const AdamState& state);

/// Scalars of one Ftrl step; names as Keras has them, in short.
struct FtrlStep {
    StepCommon common = {};
    double power = -0.5; ///< learning_rate_power, at most 0.
    double l1 = 0.0;
    double l2 = 0.0;
    double l2Shrinkage = 0.0;
    double beta = 0.0;
};
struct FtrlState {
    std::span<float> accumulator;
    std::span<float> linear;
};
void ftrlStep(Parallel& parallel, const FtrlStep& step, std::span<const float> gradient,
              std::span<float> weights, const FtrlState& state);

/// One step of Keras' Lamb: Adam's direction (corrected, epsilon outside the root), as long as the
/// weights of the variable themselves, times the learning rate.
void lambStep(Parallel& parallel, const AdamStep& step, std::span<const float> gradient,
              std::span<float> weights, const AdamState& state);

/// Scalars of one step of schedule-free AdamW (Defazio et al. 2024).
struct ScheduleFreeStep {
    StepCommon common = {.learningRate = 0.0025};
    double beta1 = 0.9;
    double beta2 = 0.999;
    double epsilon = 1e-8;
    std::int64_t step = 1; ///< Iterations + 1; at 1 the momentum begins as the weights.
    double warmUp = 1.0;   ///< Factor of the learning rate, but not of the decay.
};
void scheduleFreeStep(Parallel& parallel, const ScheduleFreeStep& step,
                      std::span<const float> gradient, std::span<float> weights,
                      const AdamState& state);
/// The averaged weights x = (y − (1 − beta1) m) / beta1 in place of those trained with, y.
void scheduleFreeAverage(Parallel& parallel, double beta1, std::span<const float> momentum,
                         std::span<float> weights);

/// Scalars of one Adafactor step (Shazeer and Stern 2018).
struct AdafactorStep {
    StepCommon common = {};
    double beta2Decay = -0.8;
    double epsilon1 = 1e-30;
    double epsilon2 = 1e-3;
    double clipThreshold = 1.0;
    std::int64_t step = 1; ///< Iterations + 1.
};
/// Of a variable [matrices][height][width]; height 0: it has one axis at most and is not factored.
struct AdafactorState {
    std::span<float> rows;     ///< Means of the squared gradients of rows; [matrices][height].
    std::span<float> columns;  ///< Of columns; [matrices][width].
    std::span<float> velocity; ///< Their product, as large as the variable.
    std::int64_t height = 0;
    std::int64_t width = 0;
};
void adafactorStep(Parallel& parallel, const AdafactorStep& step, std::span<const float> gradient,
                   std::span<float> weights, const AdafactorState& state);

/// Scalars of one step of Muon (Jordan et al. 2024; Liu et al. 2025).
struct MuonStep {
    StepCommon common = {};
    double momentum = 0.95;
    bool nesterov = true;
    double a = 3.4445; ///< Of the iteration x ← a x + (b x xᵀ + c (x xᵀ)²) x.
    double b = -4.775;
    double c = 2.0315;
    std::int64_t iterations = 5;
    double scale = 1.0; ///< Of the update besides the learning rate.
};
/// One step for a matrix [height][width]: the momentum is brought to singular values near 1.
void muonStep(Parallel& parallel, const MuonStep& step, std::span<const float> gradient,
              std::span<float> weights, std::span<float> momentum, std::int64_t height);

/// average = momentum · average + (1 − momentum) · weights.
void movingAverageStep(Parallel& parallel, double momentum, std::span<const float> weights,
                       std::span<float> average);

} // namespace nn
