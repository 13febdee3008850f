#include "nn/kernels/row_activation.h"

#include "nn/kernels/simd_dispatch.h"

#include <cmath>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "nn/kernels/row_activation.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "nn/kernels/map-inl.h"
#include "nn/kernels/math-inl.h"
#include "nn/kernels/row-inl.h"

HWY_BEFORE_NAMESPACE();
namespace nn::HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;

/// Lanes behind the end of a row, which hold f(0), set to 0.
template <bool Whole>
HWY_INLINE Vector withoutTail(Vector value, std::int64_t count) {
    if constexpr (Whole) {
        return value;
    } else {
        return hn::IfThenElseZero(hn::FirstN(Tag(), static_cast<std::size_t>(count)), value);
    }
}

double sumOfExponentials(const float* x, std::int64_t classes, float shift) {
    const Vector minus = constant(-shift);
    return sumOverRow(classes, [&]<bool Whole>(std::int64_t at, std::int64_t count) HWY_ATTR {
        return withoutTail<Whole>(exponential(hn::Add(load<Whole>(count, x + at), minus)), count);
    });
}

/// Values of a row above a bound.
struct Above {
    double sum = 0.0;
    double count = 0.0;
};
Above above(const float* x, std::int64_t classes, float bound) {
    const Vector limit = constant(bound);
    const auto sum = [&](const auto& value) HWY_ATTR {
        return sumOverRow(classes, [&]<bool Whole>(std::int64_t at, std::int64_t count) HWY_ATTR {
            const Vector v = load<Whole>(count, x + at);
            return withoutTail<Whole>(hn::IfThenElseZero(hn::Gt(v, limit), value(v)), count);
        });
    };
    return {sum([](Vector v) HWY_ATTR { return v; }),
            sum([](Vector) HWY_ATTR { return constant(1.0F); })};
}

/// τ of sparsemax: dropping what lies below the threshold of the values left only raises it, so
/// that it settles after a few rounds (Michelot 1986).
float sparsemaxThreshold(const float* x, std::int64_t classes) {
    float threshold = rowMaximum(x, classes) - 1.0F;
    // From below the threshold on: the values above the largest less 1 contain the support.
    double kept = -1.0;
    for (Above now = above(x, classes, threshold); now.count != kept;
         now = above(x, classes, threshold)) {
        if (!(now.count > 0.0)) {
            return threshold; // NaN in the row.
        }
        kept = now.count;
        threshold = static_cast<float>((now.sum - 1.0) / now.count);
    }
    return threshold;
}

} // namespace

void logSoftmaxSimd(std::int64_t rows, std::int64_t classes, const float* x, float* y) {
    for (std::int64_t row = 0; row < rows; ++row, x += classes, y += classes) {
        const float largest = rowMaximum(x, classes);
        const double logarithm = std::log(sumOfExponentials(x, classes, largest));
        const Vector shift = constant(-largest);
        const Vector rest = constant(static_cast<float>(-logarithm));
        map(x, y, classes, [=](Vector v) HWY_ATTR { return hn::Add(hn::Add(v, shift), rest); });
    }
}

void logSoftmaxGradientSimd(std::int64_t rows, std::int64_t classes, const float* y,
                            const float* dy, float* dx) {
    for (std::int64_t row = 0; row < rows; ++row, y += classes, dy += classes, dx += classes) {
        const double sum =
            sumOverRow(classes, [&]<bool Whole>(std::int64_t at, std::int64_t count)
                                    HWY_ATTR { return load<Whole>(count, dy + at); });
        const Vector minus = constant(static_cast<float>(-sum));
        map(y, dy, dx, classes, [minus](Vector value, Vector gradient) HWY_ATTR {
            return hn::MulAdd(exponential(value), minus, gradient);
        });
    }
}

void sparsemaxSimd(std::int64_t rows, std::int64_t classes, const float* x, float* y) {
    for (std::int64_t row = 0; row < rows; ++row, x += classes, y += classes) {
        const Vector threshold = constant(sparsemaxThreshold(x, classes));
        map(x, y, classes, [threshold](Vector v) HWY_ATTR {
            return atLeast(hn::Zero(Tag()), hn::Sub(v, threshold));
        });
    }
}

void sparsemaxGradientSimd(std::int64_t rows, std::int64_t classes, const float* y, const float* dy,
                           float* dx) {
    const Vector zero = hn::Zero(Tag());
    for (std::int64_t row = 0; row < rows; ++row, y += classes, dy += classes, dx += classes) {
        const double sum =
            sumOverRow(classes, [&]<bool Whole>(std::int64_t at, std::int64_t count) HWY_ATTR {
                return hn::IfThenElseZero(hn::Gt(load<Whole>(count, y + at), zero),
                                          load<Whole>(count, dy + at));
            });
        const Vector mean = constant(static_cast<float>(sum / above(y, classes, 0.0F).count));
        map(y, dy, dx, classes, [=](Vector value, Vector gradient) HWY_ATTR {
            return hn::IfThenElseZero(hn::Gt(value, zero), hn::Sub(gradient, mean));
        });
    }
}

void gluSimd(std::int64_t rows, std::int64_t half, const float* x, float* y) {
    for (std::int64_t row = 0; row < rows; ++row, x += 2 * half, y += half) {
        map(x, x + half, y, half,
            [](Vector a, Vector b) HWY_ATTR { return hn::Mul(a, logistic(b)); });
    }
}

void gluGradientSimd(std::int64_t rows, std::int64_t half, const float* x, const float* dy,
                     float* dx) {
    for (std::int64_t row = 0; row < rows; ++row, x += 2 * half, dy += half, dx += 2 * half) {
        forEachVector(half, [&]<bool Whole>(std::int64_t at, std::int64_t count) HWY_ATTR {
            const Vector b = load<Whole>(count, x + half + at);
            const Vector gate = hn::Mul(load<Whole>(count, dy + at), logistic(b));
            const Vector a = hn::Mul(load<Whole>(count, x + at), logistic(hn::Neg(b)));
            store<Whole>(gate, count, dx + at);
            store<Whole>(hn::Mul(gate, a), count, dx + half + at);
        });
    }
}

} // namespace nn::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nn {

HWY_EXPORT(logSoftmaxSimd);
HWY_EXPORT(logSoftmaxGradientSimd);
HWY_EXPORT(sparsemaxSimd);
HWY_EXPORT(sparsemaxGradientSimd);
HWY_EXPORT(gluSimd);
HWY_EXPORT(gluGradientSimd);

void logSoftmaxForward(Parallel& parallel, const SoftmaxGeometry& g, std::span<const float> x,
                       std::span<float> y) {
    forEachRows(parallel, g, [&](std::int64_t first, std::int64_t rows) {
        const std::int64_t at = first * g.classes;
        NN_SIMD(logSoftmaxSimd)(rows, g.classes, x.data() + at, y.data() + at);
    });
}

void logSoftmaxBackward(Parallel& parallel, const SoftmaxGeometry& g, std::span<const float> y,
                        std::span<const float> dy, std::span<float> dx) {
    forEachRows(parallel, g, [&](std::int64_t first, std::int64_t rows) {
        const std::int64_t at = first * g.classes;
        NN_SIMD(logSoftmaxGradientSimd)
        (rows, g.classes, y.data() + at, dy.data() + at, dx.data() + at);
    });
}

void sparsemaxForward(Parallel& parallel, const SoftmaxGeometry& g, std::span<const float> x,
                      std::span<float> y) {
    forEachRows(parallel, g, [&](std::int64_t first, std::int64_t rows) {
        const std::int64_t at = first * g.classes;
        NN_SIMD(sparsemaxSimd)(rows, g.classes, x.data() + at, y.data() + at);
    });
}

void sparsemaxBackward(Parallel& parallel, const SoftmaxGeometry& g, std::span<const float> y,
                       std::span<const float> dy, std::span<float> dx) {
    forEachRows(parallel, g, [&](std::int64_t first, std::int64_t rows) {
        const std::int64_t at = first * g.classes;
        NN_SIMD(sparsemaxGradientSimd)
        (rows, g.classes, y.data() + at, dy.data() + at, dx.data() + at);
    });
}

void gluForward(Parallel& parallel, const SoftmaxGeometry& g, std::span<const float> x,
                std::span<float> y) {
    forEachRows(parallel, g, [&](std::int64_t first, std::int64_t rows) {
        NN_SIMD(gluSimd)
        (rows, g.classes, x.data() + 2 * first * g.classes, y.data() + first * g.classes);
    });
}

void gluBackward(Parallel& parallel, const SoftmaxGeometry& g, std::span<const float> x,
                 std::span<const float> dy, std::span<float> dx) {
    forEachRows(parallel, g, [&](std::int64_t first, std::int64_t rows) {
        const std::int64_t at = first * g.classes;
        NN_SIMD(gluGradientSimd)
        (rows, g.classes, x.data() + 2 * at, dy.data() + at, dx.data() + 2 * at);
    });
}

} // namespace nn
#endif
