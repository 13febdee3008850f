#include "nn/kernels/optimizer.h"

#include "nn/kernels/optimizer_part.h"
#include "nn/kernels/simd_dispatch.h"

#include <cmath>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "nn/kernels/optimizer.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "nn/kernels/optimizer_step-inl.h"

HWY_BEFORE_NAMESPACE();
namespace nn::HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;
} // namespace

/// Without momentum the slot is null.
void sgdSimd(const SgdStep& s, const OptimizerPart& part) {
    const Vector rate = scalar(-s.common.learningRate);
    const Vector momentum = scalar(s.momentum);
    if (part.slots[0] == nullptr) {
        updateWeights(s.common, part,
                      [&](Vector g, Vector w) HWY_ATTR { return hn::MulAdd(rate, g, w); });
        return;
    }
    updateWeights(
        s.common, part,
        [&](Vector g, Vector w, Vector& velocity) HWY_ATTR {
            const Vector step = hn::Mul(rate, g);
            velocity = hn::MulAdd(momentum, velocity, step);
            return hn::Add(w, s.nesterov ? hn::MulAdd(momentum, velocity, step) : velocity);
        },
        part.slots[0]);
}

/// Without AMSGrad the third slot is null.
void adamSimd(const AdamStep& s, const OptimizerPart& part) {
    const auto t = static_cast<double>(s.step);
    const Vector alpha = scalar(s.common.learningRate * std::sqrt(1.0 - std::pow(s.beta2, t)) /
                                (1.0 - std::pow(s.beta1, t)));
    const Vector fresh1 = scalar(1.0 - s.beta1);
    const Vector fresh2 = scalar(1.0 - s.beta2);
    const Vector epsilon = scalar(s.epsilon);
    const auto moments = [&](Vector g, Vector& m, Vector& v) HWY_ATTR {
        m = towards(m, g, fresh1);
        v = towards(v, hn::Mul(g, g), fresh2);
    };
    const auto moved = [&](Vector w, Vector m, Vector square) HWY_ATTR {
        return hn::Sub(w, hn::Div(hn::Mul(alpha, m), hn::Add(hn::Sqrt(square), epsilon)));
    };
    if (part.slots[2] == nullptr) {
        updateWeights(
            s.common, part,
            [&](Vector g, Vector w, Vector& m, Vector& v) HWY_ATTR {
                moments(g, m, v);
                return moved(w, m, v);
            },
            part.slots[0], part.slots[1]);
        return;
    }
    updateWeights(
        s.common, part,
        [&](Vector g, Vector w, Vector& m, Vector& v, Vector& largest) HWY_ATTR {
            moments(g, m, v);
            largest = hn::Max(v, largest);
            return moved(w, m, largest);
        },
        part.slots[0], part.slots[1], part.slots[2]);
}

/// Slots: v, average gradient or null, velocity or null.
void rmspropSimd(const RmspropStep& s, const OptimizerPart& part) {
    const Vector rho = scalar(s.rho);
    const Vector fresh = scalar(1.0 - s.rho);
    const Vector rate = scalar(s.common.learningRate);
    const Vector epsilon = scalar(s.epsilon);
    const Vector momentum = scalar(s.momentum);
    const auto squared = [&](Vector g, Vector& v) HWY_ATTR {
        v = hn::MulAdd(rho, v, hn::Mul(fresh, hn::Mul(g, g)));
        return v;
    };
    const auto centred = [&](Vector g, Vector& v, Vector& average) HWY_ATTR {
        squared(g, v);
        average = hn::MulAdd(rho, average, hn::Mul(fresh, g));
        return hn::NegMulAdd(average, average, v);
    };
    const auto change = [&](Vector g, Vector square) HWY_ATTR {
        return hn::Div(hn::Mul(rate, g), hn::Sqrt(hn::Add(square, epsilon)));
    };
    const auto moved = [&](Vector w, Vector step, Vector& velocity) HWY_ATTR {
        velocity = hn::MulAdd(momentum, velocity, step);
        return hn::Sub(w, velocity);
    };
    const auto& [v, average, velocity] = part.slots;
    if (average == nullptr && velocity == nullptr) {
        updateWeights(
            s.common, part,
            [&](Vector g, Vector w, Vector& a)
                HWY_ATTR { return hn::Sub(w, change(g, squared(g, a))); },
            v);
    } else if (average == nullptr) {
        updateWeights(
            s.common, part,
            [&](Vector g, Vector w, Vector& a, Vector& c)
                HWY_ATTR { return moved(w, change(g, squared(g, a)), c); },
            v, velocity);
    } else if (velocity == nullptr) {
        updateWeights(
            s.common, part,
            [&](Vector g, Vector w, Vector& a, Vector& b)
                HWY_ATTR { return hn::Sub(w, change(g, centred(g, a, b))); },
            v, average);
    } else {
        updateWeights(
            s.common, part,
            [&](Vector g, Vector w, Vector& a, Vector& b, Vector& c)
                HWY_ATTR { return moved(w, change(g, centred(g, a, b)), c); },
            v, average, velocity);
    }
}

void lionSimd(const LionStep& s, const OptimizerPart& part) {
    const Vector zero = hn::Zero(Tag());
    const Vector rate = scalar(s.common.learningRate);
    const Vector beta1 = scalar(s.beta1);
    const Vector fresh1 = scalar(1.0 - s.beta1);
    const Vector beta2 = scalar(s.beta2);
    const Vector fresh2 = scalar(1.0 - s.beta2);
    updateWeights(
        s.common, part,
        [&](Vector g, Vector w, Vector& m) HWY_ATTR {
            const Vector direction = hn::MulAdd(m, beta1, hn::Mul(g, fresh1));
            m = hn::MulAdd(m, beta2, hn::Mul(g, fresh2));
            const Vector step = hn::IfThenElseZero(hn::Ne(direction, zero), rate);
            return hn::Sub(w, hn::CopySign(step, direction));
        },
        part.slots[0]);
}

void movingAverageSimd(double momentum, const float* weights, float* average, std::int64_t total) {
    const Vector keep = scalar(momentum);
    const Vector fresh = scalar(1.0 - momentum);
    map(average, weights, average, total,
        [&](Vector a, Vector w) HWY_ATTR { return hn::MulAdd(keep, a, hn::Mul(fresh, w)); });
}

} // namespace nn::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nn {

HWY_EXPORT(sgdSimd);
HWY_EXPORT(adamSimd);
HWY_EXPORT(rmspropSimd);
HWY_EXPORT(lionSimd);
HWY_EXPORT(movingAverageSimd);

void sgdStep(Parallel& parallel, const SgdStep& step, std::span<const float> gradient,
             std::span<float> weights, std::span<float> velocity) {
    const bool moves = step.momentum != 0.0;
    forEachOptimizerPart(parallel, gradient, weights, {moves ? velocity : std::span<float>()},
                         [&](const OptimizerPart& part) {
                             NN_SIMD(sgdSimd)
                             (step, part);
                         });
}

void adamStep(Parallel& parallel, const AdamStep& step, std::span<const float> gradient,
              std::span<float> weights, const AdamState& state) {
    forEachOptimizerPart(parallel, gradient, weights, {state.m, state.v, state.maximumV},
                         [&](const OptimizerPart& part) {
                             NN_SIMD(adamSimd)
                             (step, part);
                         });
}

void rmspropStep(Parallel& parallel, const RmspropStep& step, std::span<const float> gradient,
                 std::span<float> weights, const RmspropState& state) {
    const bool moves = step.momentum != 0.0;
    forEachOptimizerPart(parallel, gradient, weights,
                         {state.v, state.average, moves ? state.velocity : std::span<float>()},
                         [&](const OptimizerPart& part) {
                             NN_SIMD(rmspropSimd)
                             (step, part);
                         });
}

void lionStep(Parallel& parallel, const LionStep& step, std::span<const float> gradient,
              std::span<float> weights, std::span<float> momentum) {
    forEachOptimizerPart(parallel, gradient, weights, {momentum}, [&](const OptimizerPart& part) {
        NN_SIMD(lionSimd)(step, part);
    });
}

void movingAverageStep(Parallel& parallel, double momentum, std::span<const float> weights,
                       std::span<float> average) {
    forEachBlock(parallel, static_cast<std::int64_t>(weights.size()),
                 [&](std::int64_t first, std::int64_t count) {
                     NN_SIMD(movingAverageSimd)
                     (momentum, weights.data() + first, average.data() + first, count);
                 });
}

} // namespace nn
#endif
