// One line of values by each matrix of Winograd's method. Included once per instruction set.
#if defined(NN_KERNELS_WINOGRAD_LINES_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef NN_KERNELS_WINOGRAD_LINES_INL_H_
#undef NN_KERNELS_WINOGRAD_LINES_INL_H_
#else
#define NN_KERNELS_WINOGRAD_LINES_INL_H_
#endif

#include "nn/kernels/partial-inl.h"

HWY_BEFORE_NAMESPACE();
namespace nn::HWY_NAMESPACE {
namespace winograd {

namespace hn = hwy::HWY_NAMESPACE;

// What a pair of points ±p contributes for m = 4, and the products of distances that G divides by.
constexpr float kNear = 0.75F;
constexpr float kFar = 1.5F;
constexpr float kNear2 = kNear * kNear;
constexpr float kFar2 = kFar * kFar;
constexpr float kZeroShare = 1.0F / (kNear2 * kFar2);
constexpr float kNearShare = 0.5F / (kNear2 * (kNear2 - kFar2));
constexpr float kFarShare = 0.5F / (kFar2 * (kFar2 - kNear2));

HWY_INLINE Vector times(float factor, Vector value) {
    return hn::Mul(hn::Set(Tag(), factor), value);
}
/// sum + factor · value.
HWY_INLINE Vector plusTimes(Vector sum, float factor, Vector value) {
    return hn::MulAdd(hn::Set(Tag(), factor), value, sum);
}
/// sum + odd and sum - odd, the values at two opposite points.
HWY_INLINE void opposite(Vector even, Vector odd, Vector* to, int step) {
    to[0] = hn::Add(even, odd);
    to[step] = hn::Sub(even, odd);
}

// Each of the following multiplies one line of values by a matrix: from[0], from[1] … are
// neighbours, results go to to[0], to[step] …

/// Bᵀ · Size + 2 values.
template <int Size>
HWY_INLINE void inputLine(const Vector* from, Vector* to, int step) {
    if constexpr (Size == 2) {
        to[0] = hn::Sub(from[0], from[2]);
        to[step] = hn::Add(from[1], from[2]);
        to[2 * step] = hn::Sub(from[2], from[1]);
        to[3 * step] = hn::Sub(from[1], from[3]);
    } else {
        const auto ends = [&](int first) HWY_ATTR {
            const Vector sum = plusTimes(from[first + 4], -(kNear2 + kFar2), from[first + 2]);
            return plusTimes(sum, kNear2 * kFar2, from[first]);
        };
        const auto pair = [&](float point, float other2, Vector* results) HWY_ATTR {
            const Vector even = plusTimes(from[4], -other2, from[2]);
            const Vector odd = times(point, plusTimes(from[3], -other2, from[1]));
            opposite(even, odd, results, step);
        };
        to[0] = ends(0);
        pair(kNear, kFar2, to + step);
        pair(kFar, kNear2, to + 3 * step);
        to[5 * step] = ends(1);
    }
}

/// G · three values.
template <int Size>
HWY_INLINE void filterLine(const Vector* from, Vector* to, int step) {
    if constexpr (Size == 2) {
        to[0] = from[0];
        opposite(times(0.5F, hn::Add(from[0], from[2])), times(0.5F, from[1]), to + step, step);
        to[3 * step] = from[2];
    } else {
        const auto pair = [&](float point, float share, Vector* results) HWY_ATTR {
            const Vector even = times(share, plusTimes(from[0], point * point, from[2]));
            opposite(even, times(share * point, from[1]), results, step);
        };
        to[0] = times(kZeroShare, from[0]);
        pair(kNear, kNearShare, to + step);
        pair(kFar, kFarShare, to + 3 * step);
        to[5 * step] = from[2];
    }
}

/// Aᵀ · Size + 2 values.
template <int Size>
HWY_INLINE void outputLine(const Vector* from, Vector* to, int step) {
    if constexpr (Size == 2) {
        to[0] = hn::Add(from[0], hn::Add(from[1], from[2]));
        to[step] = hn::Sub(hn::Sub(from[1], from[2]), from[3]);
    } else {
        const Vector nearSum = hn::Add(from[1], from[2]);
        const Vector nearOdd = times(kNear, hn::Sub(from[1], from[2]));
        const Vector farSum = hn::Add(from[3], from[4]);
        const Vector farOdd = times(kFar, hn::Sub(from[3], from[4]));
        to[0] = hn::Add(from[0], hn::Add(nearSum, farSum));
        to[step] = hn::Add(nearOdd, farOdd);
        to[2 * step] = plusTimes(times(kNear2, nearSum), kFar2, farSum);
        to[3 * step] = plusTimes(plusTimes(from[5], kNear2, nearOdd), kFar2, farOdd);
    }
}

/// A · Size values.
template <int Size>
HWY_INLINE void gradientLine(const Vector* from, Vector* to, int step) {
    if constexpr (Size == 2) {
        to[0] = from[0];
        opposite(from[0], from[1], to + step, step);
        to[3 * step] = hn::Neg(from[1]);
    } else {
        const auto pair = [&](float point, Vector* results) HWY_ATTR {
            const float square = point * point;
            opposite(plusTimes(from[0], square, from[2]),
                     times(point, plusTimes(from[1], square, from[3])), results, step);
        };
        to[0] = from[0];
        pair(kNear, to + step);
        pair(kFar, to + 3 * step);
        to[5 * step] = from[3];
    }
}

/// Gᵀ · Size + 2 values.
template <int Size>
HWY_INLINE void filterBackLine(const Vector* from, Vector* to, int step) {
    if constexpr (Size == 2) {
        const Vector sum = times(0.5F, hn::Add(from[1], from[2]));
        to[0] = hn::Add(from[0], sum);
        to[step] = times(0.5F, hn::Sub(from[1], from[2]));
        to[2 * step] = hn::Add(sum, from[3]);
    } else {
        const Vector nearSum = times(kNearShare, hn::Add(from[1], from[2]));
        const Vector nearOdd = times(kNearShare * kNear, hn::Sub(from[1], from[2]));
        const Vector farSum = times(kFarShare, hn::Add(from[3], from[4]));
        const Vector farOdd = times(kFarShare * kFar, hn::Sub(from[3], from[4]));
        to[0] = plusTimes(hn::Add(nearSum, farSum), kZeroShare, from[0]);
        to[step] = hn::Add(nearOdd, farOdd);
        to[2 * step] = plusTimes(plusTimes(from[5], kNear2, nearSum), kFar2, farSum);
    }
}

} // namespace winograd
} // namespace nn::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
