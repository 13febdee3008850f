// The activation functions on vectors: for each kind its value, and its slope from what
// `activationBackwardReads` names. Included once per instruction set.
#if defined(NN_KERNELS_ACTIVATION_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef NN_KERNELS_ACTIVATION_INL_H_
#undef NN_KERNELS_ACTIVATION_INL_H_
#else
#define NN_KERNELS_ACTIVATION_INL_H_
#endif

#include <hwy/highway.h>

#include "nn/kernels/activation.h"
#include "nn/kernels/math-inl.h"

HWY_BEFORE_NAMESPACE();
namespace nn::HWY_NAMESPACE {

/// value(f, x) and slope(f, input or output).
template <ActivationKind Kind>
struct Function;

HWY_INLINE Vector zero() {
    return hwy::HWY_NAMESPACE::Zero(Tag());
}

/// `slope` where low < y < high, else 0.
HWY_INLINE Vector slopeBetween(float low, float high, float slope, Vector y) {
    namespace hn = hwy::HWY_NAMESPACE;
    const auto inside = hn::And(hn::Gt(y, constant(low)), hn::Lt(y, constant(high)));
    return hn::IfThenElseZero(inside, constant(slope));
}

template <>
struct Function<ActivationKind::Linear> {
    static HWY_INLINE Vector value(const Activation& /*f*/, Vector x) { return x; }
    static HWY_INLINE Vector slope(const Activation& /*f*/, Vector /*y*/) { return constant(1.0F); }
};

template <>
struct Function<ActivationKind::Relu> {
    static HWY_INLINE Vector value(const Activation& f, Vector x) {
        namespace hn = hwy::HWY_NAMESPACE;
        const Vector threshold = constant(f.threshold);
        const Vector below = f.negativeSlope == 0.0F
                                 ? zero() // also for x = -infinity
                                 : hn::Mul(constant(f.negativeSlope), hn::Sub(x, threshold));
        return hn::IfThenElse(hn::Le(x, threshold), below, atMost(constant(f.maxValue), x));
    }
    /// From the output only if the threshold is 0.
    static HWY_INLINE Vector slope(const Activation& f, Vector x) {
        namespace hn = hwy::HWY_NAMESPACE;
        const Vector above = hn::IfThenZeroElse(hn::Ge(x, constant(f.maxValue)), constant(1.0F));
        return hn::IfThenElse(hn::Le(x, constant(f.threshold)), constant(f.negativeSlope), above);
    }
};

template <>
struct Function<ActivationKind::Sigmoid> {
    static HWY_INLINE Vector value(const Activation& /*f*/, Vector x) { return logistic(x); }
    static HWY_INLINE Vector slope(const Activation& /*f*/, Vector y) {
        namespace hn = hwy::HWY_NAMESPACE;
        return hn::Mul(y, hn::Sub(constant(1.0F), y));
    }
};

template <>
struct Function<ActivationKind::Tanh> {
    static HWY_INLINE Vector value(const Activation& /*f*/, Vector x) {
        return hyperbolicTangent(x);
    }
    static HWY_INLINE Vector slope(const Activation& /*f*/, Vector y) {
        namespace hn = hwy::HWY_NAMESPACE;
        const Vector one = constant(1.0F);
        return hn::Mul(hn::Sub(one, y), hn::Add(one, y));
    }
};

HWY_INLINE Vector elu(float alpha, float scale, Vector x) {
    namespace hn = hwy::HWY_NAMESPACE;
    const Vector below = hn::Mul(constant(alpha), exponentialMinusOne(x));
    return hn::Mul(constant(scale), hn::IfThenElse(hn::Gt(x, zero()), x, below));
}

/// The slope of elu from its output: y / scale + alpha below 0.
HWY_INLINE Vector eluSlope(float alpha, float scale, Vector y) {
    namespace hn = hwy::HWY_NAMESPACE;
    return hn::IfThenElse(hn::Gt(y, zero()), constant(scale), hn::Add(y, constant(alpha * scale)));
}

template <>
struct Function<ActivationKind::Elu> {
    static HWY_INLINE Vector value(const Activation& f, Vector x) { return elu(f.alpha, 1.0F, x); }
    /// From the output if alpha ≥ 0, else from the input.
    static HWY_INLINE Vector slope(const Activation& f, Vector known) {
        namespace hn = hwy::HWY_NAMESPACE;
        if (f.alpha >= 0.0F) {
            return eluSlope(f.alpha, 1.0F, known);
        }
        return hn::IfThenElse(hn::Gt(known, zero()), constant(1.0F),
                              hn::Mul(constant(f.alpha), exponential(known)));
    }
};

template <>
struct Function<ActivationKind::Selu> {
    static constexpr float kAlpha = 1.6732632423543772F;
    static constexpr float kScale = 1.0507009873554805F;
    static HWY_INLINE Vector value(const Activation& /*f*/, Vector x) {
        return elu(kAlpha, kScale, x);
    }
    static HWY_INLINE Vector slope(const Activation& /*f*/, Vector y) {
        return eluSlope(kAlpha, kScale, y);
    }
};

template <>
struct Function<ActivationKind::Softplus> {
    static HWY_INLINE Vector value(const Activation& /*f*/, Vector x) { return softplus(x); }
    static HWY_INLINE Vector slope(const Activation& /*f*/, Vector y) {
        namespace hn = hwy::HWY_NAMESPACE;
        return hn::Neg(exponentialMinusOne(hn::Neg(y)));
    }
};

template <>
struct Function<ActivationKind::Softsign> {
    static HWY_INLINE Vector value(const Activation& /*f*/, Vector x) {
        namespace hn = hwy::HWY_NAMESPACE;
        return hn::Div(x, hn::Add(constant(1.0F), hn::Abs(x)));
    }
    static HWY_INLINE Vector slope(const Activation& /*f*/, Vector y) {
        namespace hn = hwy::HWY_NAMESPACE;
        const Vector rest = hn::Sub(constant(1.0F), hn::Abs(y));
        return hn::Mul(rest, rest);
    }
};

template <>
struct Function<ActivationKind::Silu> {
    static HWY_INLINE Vector value(const Activation& /*f*/, Vector x) {
        return hwy::HWY_NAMESPACE::Mul(x, logistic(x));
    }
    static HWY_INLINE Vector slope(const Activation& /*f*/, Vector x) {
        namespace hn = hwy::HWY_NAMESPACE;
        return hn::Mul(logistic(x), hn::MulAdd(x, logistic(hn::Neg(x)), constant(1.0F)));
    }
};

template <>
struct Function<ActivationKind::Gelu> {
    static HWY_INLINE Vector value(const Activation& /*f*/, Vector x) {
        return hwy::HWY_NAMESPACE::Mul(x, normal(x).distribution);
    }
    static HWY_INLINE Vector slope(const Activation& /*f*/, Vector x) {
        namespace hn = hwy::HWY_NAMESPACE;
        const Normal n = normal(x);
        return hn::MulAdd(x, hn::Mul(n.gaussian, constant(0.3989422804F)), n.distribution);
    }
};

template <>
struct Function<ActivationKind::Exponential> {
    static HWY_INLINE Vector value(const Activation& /*f*/, Vector x) { return exponential(x); }
    static HWY_INLINE Vector slope(const Activation& /*f*/, Vector y) { return y; }
};

template <>
struct Function<ActivationKind::HardSigmoid> {
    static HWY_INLINE Vector value(const Activation& /*f*/, Vector x) {
        namespace hn = hwy::HWY_NAMESPACE;
        const Vector y = hn::Div(hn::Add(x, constant(3.0F)), constant(6.0F));
        return atMost(constant(1.0F), atLeast(zero(), y));
    }
    static HWY_INLINE Vector slope(const Activation& /*f*/, Vector y) {
        return slopeBetween(0.0F, 1.0F, 1.0F / 6.0F, y);
    }
};

template <>
struct Function<ActivationKind::HardSilu> {
    static HWY_INLINE Vector value(const Activation& f, Vector x) {
        return hwy::HWY_NAMESPACE::Mul(x, Function<ActivationKind::HardSigmoid>::value(f, x));
    }
    static HWY_INLINE Vector slope(const Activation& /*f*/, Vector x) {
        namespace hn = hwy::HWY_NAMESPACE;
        const Vector middle = hn::MulAdd(x, constant(1.0F / 3.0F), constant(0.5F));
        const Vector upper = hn::IfThenElse(hn::Ge(x, constant(3.0F)), constant(1.0F), middle);
        return hn::IfThenZeroElse(hn::Le(x, constant(-3.0F)), upper);
    }
};

template <>
struct Function<ActivationKind::HardTanh> {
    static HWY_INLINE Vector value(const Activation& /*f*/, Vector x) {
        return atMost(constant(1.0F), atLeast(constant(-1.0F), x));
    }
    static HWY_INLINE Vector slope(const Activation& /*f*/, Vector y) {
        return slopeBetween(-1.0F, 1.0F, 1.0F, y);
    }
};

template <>
struct Function<ActivationKind::HardShrink> {
    static HWY_INLINE Vector value(const Activation& /*f*/, Vector x) {
        namespace hn = hwy::HWY_NAMESPACE;
        return hn::IfThenZeroElse(hn::Le(hn::Abs(x), constant(0.5F)), x);
    }
    static HWY_INLINE Vector slope(const Activation& /*f*/, Vector y) {
        namespace hn = hwy::HWY_NAMESPACE;
        return hn::IfThenElseZero(hn::Ne(y, zero()), constant(1.0F));
    }
};

template <>
struct Function<ActivationKind::SoftShrink> {
    static HWY_INLINE Vector value(const Activation& /*f*/, Vector x) {
        namespace hn = hwy::HWY_NAMESPACE;
        const Vector y = hn::Sub(x, hn::CopySign(constant(0.5F), x));
        return hn::IfThenZeroElse(hn::Le(hn::Abs(x), constant(0.5F)), y);
    }
    static HWY_INLINE Vector slope(const Activation& f, Vector y) {
        return Function<ActivationKind::HardShrink>::slope(f, y);
    }
};

template <>
struct Function<ActivationKind::TanhShrink> {
    static HWY_INLINE Vector value(const Activation& /*f*/, Vector x) {
        namespace hn = hwy::HWY_NAMESPACE;
        const auto isSmall = hn::Lt(hn::Abs(x), constant(1.5F));
        return hn::IfThenElse(isSmall, small(x), hn::Sub(x, hyperbolicTangent(x)));
    }
    static HWY_INLINE Vector slope(const Activation& /*f*/, Vector x) {
        namespace hn = hwy::HWY_NAMESPACE;
        const Vector y = hyperbolicTangent(x);
        return hn::Mul(y, y);
    }

private:
    /// x q / (1 + q) with Lambert's continued fraction q = x² / (3 + x² / (5 + …)): nothing
    /// cancels.
    static HWY_INLINE Vector small(Vector x) {
        namespace hn = hwy::HWY_NAMESPACE;
        const Vector square = hn::Mul(x, x);
        Vector over = constant(13.0F);
        Vector under = constant(1.0F);
        HWY_UNROLL(8)
        for (int odd = 11; odd >= 3; odd -= 2) {
            const Vector next =
                hn::MulAdd(constant(static_cast<float>(odd)), over, hn::Mul(square, under));
            under = over;
            over = next;
        }
        const Vector part = hn::Mul(square, under); // q = part / over
        return hn::Div(hn::Mul(x, part), hn::Add(over, part));
    }
};

template <>
struct Function<ActivationKind::Mish> {
    static HWY_INLINE Vector value(const Activation& /*f*/, Vector x) {
        namespace hn = hwy::HWY_NAMESPACE;
        const Parts p = parts(x);
        return hn::Div(hn::Mul(x, p.above), hn::Add(p.above, constant(2.0F)));
    }
    static HWY_INLINE Vector slope(const Activation& /*f*/, Vector x) {
        namespace hn = hwy::HWY_NAMESPACE;
        const Parts p = parts(x);
        const Vector below = hn::Add(p.above, constant(2.0F));
        const Vector rise =
            hn::Mul(hn::Mul(constant(4.0F), p.power), hn::Add(p.power, constant(1.0F)));
        return hn::Div(hn::Add(p.above, hn::Div(hn::Mul(x, rise), below)), below);
    }

private:
    /// tanh(log(1 + e)) = above / (above + 2), above = e (e + 2), e = eˣ; 1 from x = 20 on.
    struct Parts {
        Vector power, above;
    };
    static HWY_INLINE Parts parts(Vector x) {
        namespace hn = hwy::HWY_NAMESPACE;
        const Vector e = exponential(atMost(constant(20.0F), x));
        return {e, hn::Mul(e, hn::Add(e, constant(2.0F)))};
    }
};

template <>
struct Function<ActivationKind::LogSigmoid> {
    static HWY_INLINE Vector value(const Activation& /*f*/, Vector x) {
        namespace hn = hwy::HWY_NAMESPACE;
        return hn::Neg(softplus(hn::Neg(x)));
    }
    static HWY_INLINE Vector slope(const Activation& /*f*/, Vector y) {
        return hwy::HWY_NAMESPACE::Neg(exponentialMinusOne(y));
    }
};

template <>
struct Function<ActivationKind::SquarePlus> {
    static HWY_INLINE Vector value(const Activation& /*f*/, Vector x) {
        namespace hn = hwy::HWY_NAMESPACE;
        const Vector size = hn::Abs(x);
        const auto isLarge = hn::Gt(size, constant(1e4F)); // x² + 4 is x² then, or overflows
        const Vector root = hn::Sqrt(hn::MulAdd(x, x, constant(4.0F)));
        const Vector sum = hn::Add(size, hn::IfThenElse(isLarge, size, root));
        // Below 0 the same value without a difference of nearly equal numbers.
        return hn::IfThenElse(hn::Lt(x, zero()), hn::Div(constant(2.0F), sum),
                              hn::Mul(constant(0.5F), sum));
    }
    static HWY_INLINE Vector slope(const Activation& /*f*/, Vector y) {
        namespace hn = hwy::HWY_NAMESPACE;
        const Vector one = constant(1.0F);
        const Vector inverse = hn::Div(one, y);
        return hn::Div(one, hn::MulAdd(inverse, inverse, one));
    }
};

template <>
struct Function<ActivationKind::SparsePlus> {
    static HWY_INLINE Vector value(const Activation& /*f*/, Vector x) {
        namespace hn = hwy::HWY_NAMESPACE;
        const Vector half = hn::Mul(constant(0.5F), atLeast(zero(), hn::Add(x, constant(1.0F))));
        return hn::IfThenElse(hn::Lt(x, constant(1.0F)), hn::Mul(half, half), x);
    }
    static HWY_INLINE Vector slope(const Activation& /*f*/, Vector y) {
        return atMost(constant(1.0F), hwy::HWY_NAMESPACE::Sqrt(y));
    }
};

template <>
struct Function<ActivationKind::SparseSigmoid> {
    static HWY_INLINE Vector value(const Activation& /*f*/, Vector x) {
        namespace hn = hwy::HWY_NAMESPACE;
        const Vector y = hn::Mul(constant(0.5F), hn::Add(x, constant(1.0F)));
        return atMost(constant(1.0F), atLeast(zero(), y));
    }
    static HWY_INLINE Vector slope(const Activation& /*f*/, Vector y) {
        return slopeBetween(0.0F, 1.0F, 0.5F, y);
    }
};

} // namespace nn::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
