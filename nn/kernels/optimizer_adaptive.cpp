// Optimizers that give every weight a step size of its own.
#include "nn/kernels/optimizer_part.h"
#include "nn/kernels/simd_dispatch.h"

#include <cmath>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "nn/kernels/optimizer_adaptive.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "nn/kernels/math-inl.h"
#include "nn/kernels/optimizer_step-inl.h"

HWY_BEFORE_NAMESPACE();
namespace nn::HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;
} // namespace

void adagradSimd(const AdagradStep& s, const OptimizerPart& part) {
    const Vector rate = scalar(s.common.learningRate);
    const Vector epsilon = scalar(s.epsilon);
    updateWeights(
        s.common, part,
        [&](Vector g, Vector w, Vector& sum) HWY_ATTR {
            sum = hn::MulAdd(g, g, sum);
            return hn::Sub(w, hn::Div(hn::Mul(rate, g), hn::Sqrt(hn::Add(sum, epsilon))));
        },
        part.slots[0]);
}

void adadeltaSimd(const AdadeltaStep& s, const OptimizerPart& part) {
    const Vector rate = scalar(s.common.learningRate);
    const Vector rho = scalar(s.rho);
    const Vector fresh = scalar(1.0 - s.rho);
    const Vector epsilon = scalar(s.epsilon);
    updateWeights(
        s.common, part,
        [&](Vector g, Vector w, Vector& gradients, Vector& changes) HWY_ATTR {
            gradients = hn::MulAdd(rho, gradients, hn::Mul(fresh, hn::Mul(g, g)));
            const Vector root = hn::Sqrt(hn::Add(changes, epsilon));
            const Vector change = hn::Div(hn::Mul(root, g), hn::Sqrt(hn::Add(gradients, epsilon)));
            changes = hn::MulAdd(rho, changes, hn::Mul(fresh, hn::Mul(change, change)));
            return hn::NegMulAdd(rate, change, w);
        },
        part.slots[0], part.slots[1]);
}

void adamaxSimd(const AdamaxStep& s, const OptimizerPart& part) {
    const Vector alpha =
        scalar(s.common.learningRate / (1.0 - std::pow(s.beta1, static_cast<double>(s.step))));
    const Vector fresh1 = scalar(1.0 - s.beta1);
    const Vector beta2 = scalar(s.beta2);
    const Vector epsilon = scalar(s.epsilon);
    updateWeights(
        s.common, part,
        [&](Vector g, Vector w, Vector& m, Vector& norm) HWY_ATTR {
            m = towards(m, g, fresh1);
            norm = hn::Max(hn::Mul(beta2, norm), hn::Abs(g));
            return hn::Sub(w, hn::Div(hn::Mul(alpha, m), hn::Add(norm, epsilon)));
        },
        part.slots[0], part.slots[1]);
}

void nadamSimd(const NadamStep& s, const OptimizerPart& part) {
    const double correction2 = 1.0 - std::pow(s.beta2, static_cast<double>(s.step));
    const Vector rate = scalar(s.common.learningRate);
    const Vector fresh1 = scalar(1.0 - s.beta1);
    const Vector fresh2 = scalar(1.0 - s.beta2);
    const Vector ofMomentum = scalar(s.nextMomentum / (1.0 - s.product * s.nextMomentum));
    const Vector ofGradient = scalar((1.0 - s.momentum) / (1.0 - s.product));
    const Vector correction = scalar(1.0 / correction2);
    const Vector epsilon = scalar(s.epsilon);
    updateWeights(
        s.common, part,
        [&](Vector g, Vector w, Vector& m, Vector& v) HWY_ATTR {
            m = towards(m, g, fresh1);
            v = towards(v, hn::Mul(g, g), fresh2);
            const Vector ahead = hn::MulAdd(ofMomentum, m, hn::Mul(ofGradient, g));
            const Vector root = hn::Sqrt(hn::Mul(v, correction));
            return hn::Sub(w, hn::Div(hn::Mul(ahead, rate), hn::Add(root, epsilon)));
        },
        part.slots[0], part.slots[1]);
}

/// x^power for x >= 0.
HWY_INLINE Vector powered(Vector x, double power) {
    if (power == 0.5) {
        return hn::Sqrt(x);
    }
    const Vector zero = hn::Zero(Tag());
    const Vector y = exponential(hn::Mul(scalar(power), hn::Log(Tag(), x)));
    const Vector atZero = scalar(power == 0.0 ? 1.0 : 0.0);
    return hn::IfThenElse(hn::Gt(x, zero), y, atZero);
}

void ftrlSimd(const FtrlStep& s, const OptimizerPart& part) {
    const double power = -s.power;
    const double l2 = s.l2 + s.beta / (2.0 * s.common.learningRate);
    const Vector perRate = scalar(1.0 / s.common.learningRate);
    const Vector shrinkage = scalar(2.0 * s.l2Shrinkage);
    const Vector l1 = scalar(s.l1);
    const Vector twoL2 = scalar(2.0 * l2);
    updateWeights(
        s.common, part,
        [&](Vector g, Vector w, Vector& sum, Vector& linear) HWY_ATTR {
            const Vector used = hn::MulAdd(shrinkage, w, g);
            const Vector before = powered(sum, power);
            sum = hn::MulAdd(g, g, sum);
            const Vector after = powered(sum, power);
            const Vector sigma = hn::Mul(hn::Sub(after, before), perRate);
            linear = hn::Add(linear, hn::NegMulAdd(sigma, w, used));
            const Vector clipped = hn::Clamp(linear, hn::Neg(l1), l1);
            return hn::Div(hn::Sub(clipped, linear), hn::MulAdd(after, perRate, twoL2));
        },
        part.slots[0], part.slots[1]);
}

void scheduleFreeSimd(const ScheduleFreeStep& s, const OptimizerPart& part) {
    const auto t = static_cast<double>(s.step);
    if (s.step == 1) {
        map(part.weights, part.slots[0], part.count, [](Vector w) HWY_ATTR { return w; });
    }
    const Vector rate = scalar(s.common.learningRate * s.warmUp);
    const Vector fresh2 = scalar(1.0 - s.beta2);
    const Vector correction = scalar(1.0 / (1.0 - std::pow(s.beta2, t)));
    const Vector epsilon = scalar(s.epsilon);
    const Vector beta1 = scalar(s.beta1);
    const Vector rest1 = scalar(1.0 - s.beta1);
    const Vector fresh = scalar(1.0 / t);
    updateWeights(
        s.common, part,
        [&](Vector g, Vector y, Vector& m, Vector& v) HWY_ATTR {
            const Vector x = hn::Div(hn::NegMulAdd(rest1, m, y), beta1);
            v = towards(v, hn::Mul(g, g), fresh2);
            const Vector root = hn::Add(hn::Sqrt(hn::Mul(v, correction)), epsilon);
            m = hn::Sub(m, hn::Div(hn::Mul(rate, g), root));
            const Vector average = towards(x, m, fresh);
            return hn::MulAdd(rest1, m, hn::Mul(beta1, average));
        },
        part.slots[0], part.slots[1]);
}

void scheduleFreeAverageSimd(double beta1, const float* momentum, float* weights,
                             std::int64_t total) {
    const Vector divisor = scalar(beta1);
    const Vector rest1 = scalar(1.0 - beta1);
    map(weights, momentum, weights, total,
        [&](Vector y, Vector m) HWY_ATTR { return hn::Div(hn::NegMulAdd(rest1, m, y), divisor); });
}

} // namespace nn::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nn {

HWY_EXPORT(adagradSimd);
HWY_EXPORT(adadeltaSimd);
HWY_EXPORT(adamaxSimd);
HWY_EXPORT(nadamSimd);
HWY_EXPORT(ftrlSimd);
HWY_EXPORT(scheduleFreeSimd);
HWY_EXPORT(scheduleFreeAverageSimd);

void adagradStep(Parallel& parallel, const AdagradStep& step, std::span<const float> gradient,
                 std::span<float> weights, std::span<float> accumulator) {
    forEachOptimizerPart(parallel, gradient, weights, {accumulator},
                         [&](const OptimizerPart& part) {
                             NN_SIMD(adagradSimd)
                             (step, part);
                         });
}

void adadeltaStep(Parallel& parallel, const AdadeltaStep& step, std::span<const float> gradient,
                  std::span<float> weights, const AdadeltaState& state) {
    forEachOptimizerPart(parallel, gradient, weights, {state.gradients, state.changes},
                         [&](const OptimizerPart& part) {
                             NN_SIMD(adadeltaSimd)
                             (step, part);
                         });
}

void adamaxStep(Parallel& parallel, const AdamaxStep& step, std::span<const float> gradient,
                std::span<float> weights, const AdamaxState& state) {
    forEachOptimizerPart(parallel, gradient, weights, {state.m, state.norm},
                         [&](const OptimizerPart& part) {
                             NN_SIMD(adamaxSimd)
                             (step, part);
                         });
}

void nadamStep(Parallel& parallel, const NadamStep& step, std::span<const float> gradient,
               std::span<float> weights, const AdamState& state) {
    forEachOptimizerPart(parallel, gradient, weights, {state.m, state.v},
                         [&](const OptimizerPart& part) {
                             NN_SIMD(nadamSimd)
                             (step, part);
                         });
}

void ftrlStep(Parallel& parallel, const FtrlStep& step, std::span<const float> gradient,
              std::span<float> weights, const FtrlState& state) {
    forEachOptimizerPart(parallel, gradient, weights, {state.accumulator, state.linear},
                         [&](const OptimizerPart& part) {
                             NN_SIMD(ftrlSimd)
                             (step, part);
                         });
}

void scheduleFreeStep(Parallel& parallel, const ScheduleFreeStep& step,
                      std::span<const float> gradient, std::span<float> weights,
                      const AdamState& state) {
    forEachOptimizerPart(parallel, gradient, weights, {state.m, state.v},
                         [&](const OptimizerPart& part) {
                             NN_SIMD(scheduleFreeSimd)
                             (step, part);
                         });
}

void scheduleFreeAverage(Parallel& parallel, double beta1, std::span<const float> momentum,
                         std::span<float> weights) {
    forEachBlock(parallel, static_cast<std::int64_t>(weights.size()),
                 [&](std::int64_t first, std::int64_t count) {
                     NN_SIMD(scheduleFreeAverageSimd)
                     (beta1, momentum.data() + first, weights.data() + first, count);
                 });
}

} // namespace nn
#endif
