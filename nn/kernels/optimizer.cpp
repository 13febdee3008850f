#include "nn/kernels/optimizer.h"

#include "nn/kernels/map.h"
#include "nn/kernels/simd_dispatch.h"

#include <cmath>

#ifndef NN_KERNELS_OPTIMIZER_TYPES
#define NN_KERNELS_OPTIMIZER_TYPES
namespace nn {
namespace {
/// Where the numbers of one block are.
struct RmspropPointers {
    float* weights;
    float* v;
    float* average;  ///< Null: not centered.
    float* velocity; ///< Null: no momentum.
};
} // namespace
} // namespace nn
#endif

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "nn/kernels/optimizer.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "nn/kernels/map-inl.h"

HWY_BEFORE_NAMESPACE();
namespace nn::HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;

HWY_INLINE Vector scalar(double value) {
    return hn::Set(Tag(), static_cast<float>(value));
}

} // namespace

/// Without momentum `velocity` is null.
void sgdSimd(const SgdStep& s, const float* gradient, float* weights, float* velocity,
             std::int64_t total) {
    const Vector keep = scalar(1.0 - s.weightDecay * s.learningRate);
    const Vector rate = scalar(-s.learningRate * s.gradientScale);
    const Vector momentum = scalar(s.momentum);
    forEachVector(total, [&]<bool Whole>(std::int64_t at, std::int64_t count) HWY_ATTR {
        const Vector step = hn::Mul(rate, load<Whole>(count, gradient + at));
        const Vector w = hn::Mul(keep, load<Whole>(count, weights + at));
        if (velocity == nullptr) {
            store<Whole>(hn::Add(w, step), count, weights + at);
            return;
        }
        const Vector m = hn::MulAdd(momentum, load<Whole>(count, velocity + at), step);
        store<Whole>(m, count, velocity + at);
        const Vector change = s.nesterov ? hn::MulAdd(momentum, m, step) : m;
        store<Whole>(hn::Add(w, change), count, weights + at);
    });
}

/// Without AMSGrad `largest` is null.
void adamSimd(const AdamStep& s, const float* gradient, float* weights, float* m, float* v,
              float* largest, std::int64_t total) {
    const auto t = static_cast<double>(s.step);
    const double rate =
        s.learningRate * std::sqrt(1.0 - std::pow(s.beta2, t)) / (1.0 - std::pow(s.beta1, t));
    const Vector alpha = scalar(rate);
    const Vector keep = scalar(1.0 - s.weightDecay * s.learningRate);
    const Vector gradientScale = scalar(s.gradientScale);
    const Vector fresh1 = scalar(1.0 - s.beta1);
    const Vector fresh2 = scalar(1.0 - s.beta2);
    const Vector epsilon = scalar(s.epsilon);
    forEachVector(total, [&]<bool Whole>(std::int64_t at, std::int64_t count) HWY_ATTR {
        const Vector g = hn::Mul(gradientScale, load<Whole>(count, gradient + at));
        const Vector oldM = load<Whole>(count, m + at);
        const Vector oldV = load<Whole>(count, v + at);
        const Vector newM = hn::MulAdd(hn::Sub(g, oldM), fresh1, oldM);
        const Vector newV = hn::MulAdd(hn::Sub(hn::Mul(g, g), oldV), fresh2, oldV);
        store<Whole>(newM, count, m + at);
        store<Whole>(newV, count, v + at);
        Vector denominator = newV;
        if (largest != nullptr) {
            denominator = hn::Max(newV, load<Whole>(count, largest + at));
            store<Whole>(denominator, count, largest + at);
        }
        const Vector change =
            hn::Div(hn::Mul(alpha, newM), hn::Add(hn::Sqrt(denominator), epsilon));
        const Vector w = hn::Mul(keep, load<Whole>(count, weights + at));
        store<Whole>(hn::Sub(w, change), count, weights + at);
    });
}

void rmspropSimd(const RmspropStep& s, const float* gradient, const RmspropPointers& p,
                 std::int64_t total) {
    const Vector keep = scalar(1.0 - s.weightDecay * s.learningRate);
    const Vector gradientScale = scalar(s.gradientScale);
    const Vector rho = scalar(s.rho);
    const Vector fresh = scalar(1.0 - s.rho);
    const Vector rate = scalar(s.learningRate);
    const Vector epsilon = scalar(s.epsilon);
    const Vector momentum = scalar(s.momentum);
    forEachVector(total, [&]<bool Whole>(std::int64_t at, std::int64_t count) HWY_ATTR {
        const Vector g = hn::Mul(gradientScale, load<Whole>(count, gradient + at));
        const Vector oldV = load<Whole>(count, p.v + at);
        const Vector v = hn::MulAdd(rho, oldV, hn::Mul(fresh, hn::Mul(g, g)));
        store<Whole>(v, count, p.v + at);
        Vector denominator = v;
        if (p.average != nullptr) {
            const Vector oldAverage = load<Whole>(count, p.average + at);
            const Vector average = hn::MulAdd(rho, oldAverage, hn::Mul(fresh, g));
            store<Whole>(average, count, p.average + at);
            denominator = hn::NegMulAdd(average, average, v);
        }
        Vector change = hn::Div(hn::Mul(rate, g), hn::Sqrt(hn::Add(denominator, epsilon)));
        if (p.velocity != nullptr) {
            change = hn::MulAdd(momentum, load<Whole>(count, p.velocity + at), change);
            store<Whole>(change, count, p.velocity + at);
        }
        const Vector w = hn::Mul(keep, load<Whole>(count, p.weights + at));
        store<Whole>(hn::Sub(w, change), count, p.weights + at);
    });
}

} // namespace nn::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nn {

HWY_EXPORT(sgdSimd);
HWY_EXPORT(adamSimd);
HWY_EXPORT(rmspropSimd);

namespace {

float* at(std::span<float> values, std::int64_t first) {
    return values.empty() ? nullptr : values.data() + first;
}

} // namespace

void sgdStep(Parallel& parallel, const SgdStep& step, std::span<const float> gradient,
             std::span<float> weights, std::span<float> velocity) {
    const auto total = static_cast<std::int64_t>(weights.size());
    const bool moves = step.momentum != 0.0;
    forEachBlock(parallel, total, [&](std::int64_t first, std::int64_t count) {
        NN_SIMD(sgdSimd)
        (step, gradient.data() + first, weights.data() + first,
         moves ? at(velocity, first) : nullptr, count);
    });
}

void adamStep(Parallel& parallel, const AdamStep& step, std::span<const float> gradient,
              std::span<float> weights, const AdamState& state) {
    const auto total = static_cast<std::int64_t>(weights.size());
    forEachBlock(parallel, total, [&](std::int64_t first, std::int64_t count) {
        NN_SIMD(adamSimd)
        (step, gradient.data() + first, weights.data() + first, at(state.m, first),
         at(state.v, first), at(state.maximumV, first), count);
    });
}

void rmspropStep(Parallel& parallel, const RmspropStep& step, std::span<const float> gradient,
                 std::span<float> weights, const RmspropState& state) {
    const auto total = static_cast<std::int64_t>(weights.size());
    const bool moves = step.momentum != 0.0;
    forEachBlock(parallel, total, [&](std::int64_t first, std::int64_t count) {
        const RmspropPointers pointers{.weights = weights.data() + first,
                                       .v = at(state.v, first),
                                       .average = at(state.average, first),
                                       .velocity = moves ? at(state.velocity, first) : nullptr};
        NN_SIMD(rmspropSimd)(step, gradient.data() + first, pointers, count);
    });
}

} // namespace nn
#endif
