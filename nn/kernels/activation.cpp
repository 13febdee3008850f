#include "nn/kernels/activation.h"

#include "nn/kernels/map.h"
#include "nn/kernels/simd_dispatch.h"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "nn/kernels/activation.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "nn/kernels/map-inl.h"
#include "nn/kernels/math-inl.h"

HWY_BEFORE_NAMESPACE();
namespace nn::HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;

constexpr float kSeluAlpha = 1.6732632423543772F;
constexpr float kSeluScale = 1.0507009873554805F;

HWY_INLINE Vector relu(const Activation& f, Vector x) {
    const Vector threshold = constant(f.threshold);
    const Vector below = f.negativeSlope == 0.0F
                             ? hn::Zero(Tag()) // also for x = -infinity
                             : hn::Mul(constant(f.negativeSlope), hn::Sub(x, threshold));
    const Vector y = hn::IfThenElse(hn::Le(x, threshold), below, x);
    const Vector largest = constant(f.maxValue);
    return hn::IfThenElse(hn::Ge(x, largest), largest, y);
}

/// The slope of relu; `threshold` is 0 if x is the output.
HWY_INLINE Vector reluSlope(const Activation& f, Vector x) {
    const Vector slope =
        hn::IfThenElse(hn::Le(x, constant(f.threshold)), constant(f.negativeSlope), constant(1.0F));
    return hn::IfThenZeroElse(hn::Ge(x, constant(f.maxValue)), slope);
}

HWY_INLINE Vector elu(float alpha, float scale, Vector x) {
    const Vector below = hn::Mul(constant(alpha), exponentialMinusOne(x));
    const Vector y = hn::IfThenElse(hn::Gt(x, hn::Zero(Tag())), x, below);
    return hn::Mul(constant(scale), y);
}

/// The slope of elu from its output: y / scale + alpha below 0.
HWY_INLINE Vector eluSlope(float alpha, float scale, Vector y) {
    return hn::IfThenElse(hn::Gt(y, hn::Zero(Tag())), constant(scale),
                          hn::Add(y, constant(alpha * scale)));
}

HWY_INLINE Vector hardSigmoid(Vector x) {
    const Vector y = hn::Div(hn::Add(x, constant(3.0F)), constant(6.0F));
    const Vector low = atLeast(hn::Zero(Tag()), y);
    return hn::IfThenElse(hn::Gt(low, constant(1.0F)), constant(1.0F), low);
}

HWY_INLINE Vector siluSlope(Vector x) {
    const Vector s = logistic(x);
    return hn::Mul(s, hn::MulAdd(x, logistic(hn::Neg(x)), constant(1.0F)));
}

HWY_INLINE Vector geluSlope(Vector x) {
    const Normal n = normal(x);
    return hn::MulAdd(x, hn::Mul(n.gaussian, constant(0.3989422804F)), n.distribution);
}

} // namespace

void activateSimd(const Activation& f, const float* x, float* y, std::int64_t count) {
    const auto apply = [&](const auto& function) HWY_ATTR { map(x, y, count, function); };
    using enum ActivationKind;
    switch (f.kind) {
    case Linear:
        return apply([](Vector v) HWY_ATTR { return v; });
    case Relu:
        return apply([&f](Vector v) HWY_ATTR { return relu(f, v); });
    case Sigmoid:
        return apply([](Vector v) HWY_ATTR { return logistic(v); });
    case Tanh:
        return apply([](Vector v) HWY_ATTR { return hyperbolicTangent(v); });
    case Elu:
        return apply([&f](Vector v) HWY_ATTR { return elu(f.alpha, 1.0F, v); });
    case Selu:
        return apply([](Vector v) HWY_ATTR { return elu(kSeluAlpha, kSeluScale, v); });
    case Softplus:
        return apply([](Vector v) HWY_ATTR { return softplus(v); });
    case Softsign:
        return apply([](Vector v)
                         HWY_ATTR { return hn::Div(v, hn::Add(constant(1.0F), hn::Abs(v))); });
    case Silu:
        return apply([](Vector v) HWY_ATTR { return hn::Mul(v, logistic(v)); });
    case Gelu:
        return apply([](Vector v) HWY_ATTR { return hn::Mul(v, normal(v).distribution); });
    case Exponential:
        return apply([](Vector v) HWY_ATTR { return exponential(v); });
    case HardSigmoid:
        return apply([](Vector v) HWY_ATTR { return hardSigmoid(v); });
    }
}

/// `known` is the input or the output, as `activationBackwardReads` says.
void activationGradientSimd(const Activation& f, const float* known, const float* dy, float* dx,
                            std::int64_t count) {
    const auto apply = [&](const auto& slope) HWY_ATTR {
        map(known, dy, dx, count,
            [&](Vector v, Vector gradient) HWY_ATTR { return hn::Mul(gradient, slope(v)); });
    };
    const Vector one = constant(1.0F);
    using enum ActivationKind;
    switch (f.kind) {
    case Linear:
        return apply([one](Vector) HWY_ATTR { return one; });
    case Relu:
        return apply([&f](Vector v) HWY_ATTR { return reluSlope(f, v); });
    case Sigmoid:
        return apply([one](Vector y) HWY_ATTR { return hn::Mul(y, hn::Sub(one, y)); });
    case Tanh:
        return apply([one](Vector y)
                         HWY_ATTR { return hn::Mul(hn::Sub(one, y), hn::Add(one, y)); });
    case Elu:
        if (f.alpha >= 0.0F) {
            return apply([&f](Vector y) HWY_ATTR { return eluSlope(f.alpha, 1.0F, y); });
        }
        return apply([&f, one](Vector x) HWY_ATTR {
            return hn::IfThenElse(hn::Gt(x, hn::Zero(Tag())), one,
                                  hn::Mul(constant(f.alpha), exponential(x)));
        });
    case Selu:
        return apply([](Vector y) HWY_ATTR { return eluSlope(kSeluAlpha, kSeluScale, y); });
    case Softplus:
        return apply([](Vector y) HWY_ATTR { return hn::Neg(exponentialMinusOne(hn::Neg(y))); });
    case Softsign:
        return apply([one](Vector y) HWY_ATTR {
            const Vector rest = hn::Sub(one, hn::Abs(y));
            return hn::Mul(rest, rest);
        });
    case Silu:
        return apply([](Vector x) HWY_ATTR { return siluSlope(x); });
    case Gelu:
        return apply([](Vector x) HWY_ATTR { return geluSlope(x); });
    case Exponential:
        return apply([](Vector y) HWY_ATTR { return y; });
    case HardSigmoid:
        return apply([one](Vector y) HWY_ATTR {
            const auto inside = hn::And(hn::Gt(y, hn::Zero(Tag())), hn::Lt(y, one));
            return hn::IfThenElseZero(inside, constant(1.0F / 6.0F));
        });
    }
}

} // namespace nn::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nn {

HWY_EXPORT(activateSimd);
HWY_EXPORT(activationGradientSimd);

void activationForward(Parallel& parallel, const Activation& f, std::span<const float> x,
                       std::span<float> y) {
    const auto total = static_cast<std::int64_t>(x.size());
    forEachBlock(parallel, total, [&](std::int64_t first, std::int64_t count) {
        NN_SIMD(activateSimd)(f, x.data() + first, y.data() + first, count);
    });
}

BackwardReads activationBackwardReads(const Activation& f) {
    using enum ActivationKind;
    switch (f.kind) {
    case Relu:
        return f.threshold == 0.0F && f.negativeSlope >= 0.0F ? BackwardReads::Output
                                                              : BackwardReads::Input;
    case Elu:
        return f.alpha >= 0.0F ? BackwardReads::Output : BackwardReads::Input;
    case Silu:
    case Gelu:
        return BackwardReads::Input;
    case Linear:
    case Sigmoid:
    case Tanh:
    case Selu:
    case Softplus:
    case Softsign:
    case Exponential:
    case HardSigmoid:
        return BackwardReads::Output;
    }
    return BackwardReads::Input;
}

void activationBackward(Parallel& parallel, const Activation& f,
                        const ActivationBackwardArgs& args) {
    const auto known = activationBackwardReads(f) == BackwardReads::Output ? args.y : args.x;
    const auto total = static_cast<std::int64_t>(args.dy.size());
    forEachBlock(parallel, total, [&](std::int64_t first, std::int64_t count) {
        NN_SIMD(activationGradientSimd)
        (f, known.data() + first, args.dy.data() + first, args.dx.data() + first, count);
    });
}

} // namespace nn
#endif
