// Exponentials and their kin on vectors of floats, a few units in the last place from exact, NaN in
// NaN out. Included once per instruction set.
#if defined(NN_KERNELS_MATH_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef NN_KERNELS_MATH_INL_H_
#undef NN_KERNELS_MATH_INL_H_
#else
#define NN_KERNELS_MATH_INL_H_
#endif

#include <cstdint>
#include <limits>

#include <hwy/contrib/math/math-inl.h>
#include <hwy/highway.h>

#include "nn/kernels/partial-inl.h"

HWY_BEFORE_NAMESPACE();
namespace nn::HWY_NAMESPACE {

HWY_INLINE Vector constant(float value) {
    return hwy::HWY_NAMESPACE::Set(Tag(), value);
}

/// min(limit, value), where NaN stays NaN.
HWY_INLINE Vector atMost(Vector limit, Vector value) {
    namespace hn = hwy::HWY_NAMESPACE;
#if HWY_TARGET == HWY_SCALAR
    return hn::IfThenElse(hn::Gt(value, limit), limit, value);
#else
    return hn::Min(limit, value); // as in atLeast
#endif
}

/// x = q ln 2 + r with whole q and |r| <= ln 2 / 2; `fraction` is e^r - 1.
struct Exponent {
    hwy::HWY_NAMESPACE::Vec<hwy::HWY_NAMESPACE::RebindToSigned<Tag>> q;
    Vector fraction;
};

/// For x in [-104, 104].
HWY_INLINE Exponent exponent(Vector x) {
    namespace hn = hwy::HWY_NAMESPACE;
    // Above 1.5 · 2^23 floats are whole numbers, one apart, as are their bits.
    const Vector origin = constant(12582912.0F);
    const Vector shifted = hn::MulAdd(x, constant(1.442695041F), origin);
    const Vector whole = hn::Sub(shifted, origin);
    const hn::RebindToSigned<Tag> bits;
    const auto q = hn::Sub(hn::BitCast(bits, shifted), hn::BitCast(bits, origin));
    Vector r = hn::MulAdd(whole, constant(-0.693145751953125F), x);
    r = hn::MulAdd(whole, constant(-1.428606820309417e-6F), r);
    // Taylor; the first term left out is below 6e-9 of the result.
    Vector p = hn::MulAdd(r, constant(1.0F / 5040.0F), constant(1.0F / 720.0F));
    p = hn::MulAdd(p, r, constant(1.0F / 120.0F));
    p = hn::MulAdd(p, r, constant(1.0F / 24.0F));
    p = hn::MulAdd(p, r, constant(1.0F / 6.0F));
    p = hn::MulAdd(p, r, constant(0.5F));
    return {q, hn::MulAdd(hn::Mul(p, r), r, r)};
}

/// 2^q for q in [-126, 127].
template <typename Whole>
HWY_INLINE Vector powerOfTwo(Whole q) {
    namespace hn = hwy::HWY_NAMESPACE;
    const hn::RebindToSigned<Tag> whole;
    return hn::BitCast(Tag(), hn::ShiftLeft<23>(hn::Add(q, hn::Set(whole, 127))));
}

HWY_INLINE Vector exponential(Vector x) {
    namespace hn = hwy::HWY_NAMESPACE;
    const Exponent e = exponent(hn::Clamp(x, constant(-104.0F), constant(104.0F)));
    // In two steps: 2^q itself may lie beyond the range of floats.
    const auto half = hn::ShiftRight<1>(e.q);
    const Vector low = powerOfTwo(half);
    const Vector high = powerOfTwo(hn::Sub(e.q, half));
    const Vector y = hn::Mul(hn::MulAdd(e.fraction, low, low), high);
    return hn::IfThenElse(hn::IsNaN(x), x, y);
}

/// e^x - 1 for x in [-30, 87] or NaN.
HWY_INLINE Vector boundedExponentialMinusOne(Vector x) {
    const Exponent e = exponent(x);
    const Vector power = powerOfTwo(e.q);
    return hwy::HWY_NAMESPACE::MulAdd(e.fraction, power,
                                      hwy::HWY_NAMESPACE::Sub(power, constant(1.0F)));
}

/// e^x - 1.
HWY_INLINE Vector exponentialMinusOne(Vector x) {
    namespace hn = hwy::HWY_NAMESPACE;
    const Vector y = boundedExponentialMinusOne(hn::Clamp(x, constant(-30.0F), constant(87.0F)));
    const Vector large = hn::IfThenElse(hn::Gt(x, constant(87.0F)), exponential(x), y);
    return hn::IfThenElse(hn::IsNaN(x), x, large);
}

/// 1 / (1 + e^-x).
HWY_INLINE Vector logistic(Vector x) {
    namespace hn = hwy::HWY_NAMESPACE;
    const Vector one = constant(1.0F);
    return hn::Div(one, hn::Add(one, exponential(hn::Neg(x))));
}

/// a / b for normal |b| from 2^-100 to 2^100, to the last digit but one.
HWY_INLINE Vector quotient(Vector a, Vector b) {
    namespace hn = hwy::HWY_NAMESPACE;
#if HWY_TARGET == HWY_AVX3
    // A division of 16 floats keeps a port busy for 16 cycles, these six operations for three.
    const Vector estimate = hn::ApproximateReciprocal(b); // 14 bits
    const Vector inverse =
        hn::MulAdd(estimate, hn::NegMulAdd(b, estimate, constant(1.0F)), estimate);
    const Vector q = hn::Mul(a, inverse);
    return hn::MulAdd(hn::NegMulAdd(q, b, a), inverse, q);
#else
    return hn::Div(a, b);
#endif
}

/// 2^t - 1 for t in [0, 126] or NaN, as exact as t; shorter than by e^x, whose base needs care.
HWY_INLINE Vector powerOfTwoMinusOne(Vector t) {
    namespace hn = hwy::HWY_NAMESPACE;
    const hn::RebindToSigned<Tag> bits;
    const Vector origin = constant(12582912.0F); // as in `exponent`
    const Vector shifted = hn::Add(t, origin);
    const Vector f = hn::Sub(t, hn::Sub(shifted, origin));
    // (2^f - 1) / f for |f| <= 1/2, the smallest largest relative error: 1.1e-8.
    Vector p = hn::MulAdd(f, constant(1.5403512e-4F), constant(1.3390736e-3F));
    p = hn::MulAdd(p, f, constant(9.6182375e-3F));
    p = hn::MulAdd(p, f, constant(5.5503574e-2F));
    p = hn::MulAdd(p, f, constant(2.4022650e-1F));
    p = hn::MulAdd(p, f, constant(6.9314719e-1F));
    // The whole part of t is in the last bits, from where it moves into the exponent.
    const auto exponent = hn::ShiftLeft<23>(hn::BitCast(bits, shifted));
    const Vector power = hn::BitCast(Tag(), hn::Add(exponent, hn::BitCast(bits, constant(1.0F))));
    return hn::MulAdd(hn::Mul(p, f), power, hn::Sub(power, constant(1.0F)));
}

HWY_INLINE Vector hyperbolicTangent(Vector x) {
    namespace hn = hwy::HWY_NAMESPACE;
    const Vector size = atMost(constant(12.0F), hn::Abs(x)); // beyond, 1 to the last bit
    const Vector e = powerOfTwoMinusOne(hn::Mul(size, constant(2.885390082F))); // 2 / ln 2
    return hn::CopySign(quotient(e, hn::Add(e, constant(2.0F))), x);
}

/// log(1 + e^x).
HWY_INLINE Vector softplus(Vector x) {
    namespace hn = hwy::HWY_NAMESPACE;
    const Vector tail = exponential(hn::Neg(hn::Abs(x)));
    return hn::Add(atLeast(hn::Zero(Tag()), x), hn::Log1p(Tag(), tail));
}

/// e^(-x²/2), also far out, where rounding x² would cost the digits of the result.
HWY_INLINE Vector gaussian(Vector x) {
    namespace hn = hwy::HWY_NAMESPACE;
    const hn::RebindToUnsigned<Tag> bits;
    // The upper half of the digits has an exact square.
    const Vector upper =
        hn::BitCast(Tag(), hn::And(hn::BitCast(bits, x), hn::Set(bits, 0xFFFFF000U)));
    const Vector rest = hn::Mul(hn::Sub(x, upper), hn::Add(x, upper));
    const Vector half = constant(-0.5F);
    return hn::Mul(exponential(hn::Mul(half, hn::Mul(upper, upper))),
                   exponential(hn::Mul(half, rest)));
}

/// The normal distribution function Φ(x) with its Gaussian e^(-x²/2). The tail is the Gaussian
/// times t P(t), t = 1 / (1 + 0.3 |x|), P fitted by Chebyshev interpolation: 5e-9 from exact for
/// |x| < 13.5.
struct Normal {
    Vector distribution;
    Vector gaussian;
};
HWY_INLINE Normal normal(Vector x) {
    namespace hn = hwy::HWY_NAMESPACE;
    const Vector one = constant(1.0F);
    const Vector size = hn::Min(hn::Abs(x), constant(13.5F));
    const Vector t = hn::Div(one, hn::MulAdd(size, constant(0.3F), one));
    const Vector u = hn::MulAdd(t, constant(2.493827160e+00F), constant(-1.493827160e+00F));
    constexpr float coefficients[] = {2.581719588e-01F,  1.621275581e-01F,  6.641964958e-02F,
                                      1.453364336e-02F,  -3.456203025e-04F, -9.435381783e-04F,
                                      -3.273092150e-05F, 7.380412249e-05F,  8.644036710e-07F,
                                      -5.590698904e-06F};
    Vector p = constant(coefficients[9]);
    HWY_UNROLL(16)
    for (int i = 8; i >= 0; --i) {
        p = hn::MulAdd(p, u, constant(coefficients[i]));
    }
    const Vector e = gaussian(size);
    const Vector tail = hn::Mul(hn::Mul(e, t), p);
    const Vector y = hn::IfThenElse(hn::Lt(x, hn::Zero(Tag())), tail, hn::Sub(one, tail));
    return {hn::IfThenElse(hn::IsNaN(x), x, y), e};
}

} // namespace nn::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
