#include "nn/kernels/activation.h"

#include "nn/kernels/row_activation.h"
#include "nn/kernels/simd_dispatch.h"

#include <algorithm>
#include <cmath>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "nn/kernels/softmax.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "nn/kernels/map-inl.h"
#include "nn/kernels/math-inl.h"
#include "nn/kernels/row-inl.h"

HWY_BEFORE_NAMESPACE();
namespace nn::HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;

constexpr Tag d;

/// y = e^(x - shift); returns the sum.
double exponentials(const float* x, float* y, std::int64_t classes, float shift) {
    const Vector minus = hn::Set(d, -shift);
    return sumOverRow(classes, [&]<bool Whole>(std::int64_t at, std::int64_t count) HWY_ATTR {
        const Vector e = exponential(hn::Add(load<Whole>(count, x + at), minus));
        store<Whole>(e, count, y + at);
        // Lanes behind the end hold e^(0 - shift): read back without them.
        return Whole ? e : load<false>(count, y + at);
    });
}

double product(const float* a, const float* b, std::int64_t classes) {
    return sumOverRow(classes, [&]<bool Whole>(std::int64_t at, std::int64_t count) HWY_ATTR {
        return hn::Mul(load<Whole>(count, a + at), load<Whole>(count, b + at));
    });
}

void multiplyBy(float factor, float* y, std::int64_t classes) {
    const Vector v = hn::Set(d, factor);
    map(y, y, classes, [v](Vector value) HWY_ATTR { return hn::Mul(value, v); });
}

} // namespace

void softmaxRowsSimd(std::int64_t rows, std::int64_t classes, const float* x, float* y) {
    for (std::int64_t row = 0; row < rows; ++row, x += classes, y += classes) {
        const double sum = exponentials(x, y, classes, rowMaximum(x, classes));
        multiplyBy(static_cast<float>(1.0 / sum), y, classes);
    }
}

void softmaxGradientSimd(std::int64_t rows, std::int64_t classes, const float* y, const float* dy,
                         float* dx) {
    for (std::int64_t row = 0; row < rows; ++row, y += classes, dy += classes, dx += classes) {
        const Vector sum = hn::Set(d, static_cast<float>(product(y, dy, classes)));
        map(y, dy, dx, classes, [sum](Vector value, Vector gradient) HWY_ATTR {
            return hn::Mul(value, hn::Sub(gradient, sum));
        });
    }
}

/// One row with a distribution `targets`; e^(z - maximum) goes through `buffer`. Returns the loss.
float crossEntropySimd(const float* logits, const float* targets, std::int64_t classes,
                       float* buffer, float gradientScale) {
    const float shift = rowMaximum(logits, classes);
    const double sum = exponentials(logits, buffer, classes, shift);
    const Vector minus = hn::Set(d, -shift);
    const double weight =
        sumOverRow(classes, [&]<bool Whole>(std::int64_t at, std::int64_t count)
                                HWY_ATTR { return load<Whole>(count, targets + at); });
    const double agreement =
        sumOverRow(classes, [&]<bool Whole>(std::int64_t at, std::int64_t count) HWY_ATTR {
            const Vector logit = hn::Add(load<Whole>(count, logits + at), minus);
            const Vector target = load<Whole>(count, targets + at);
            // Lanes behind the end and classes of weight 0 count nothing, whatever the logit.
            return hn::IfThenElseZero(hn::Ne(target, hn::Zero(d)), hn::Mul(target, logit));
        });
    const Vector share = hn::Set(d, static_cast<float>(weight / sum));
    const Vector scale = hn::Set(d, gradientScale);
    map(buffer, targets, buffer, classes, [&](Vector e, Vector target) HWY_ATTR {
        return hn::Mul(scale, hn::Sub(hn::Mul(e, share), target));
    });
    return static_cast<float>(std::log(sum) * weight - agreement);
}

/// The same with the distribution that is 1 at `label`.
float labelCrossEntropySimd(const float* logits, std::int64_t label, std::int64_t classes,
                            float* buffer, float gradientScale) {
    const float shift = rowMaximum(logits, classes);
    const double sum = exponentials(logits, buffer, classes, shift);
    const auto agreement = static_cast<double>(logits[label] - shift);
    multiplyBy(static_cast<float>(static_cast<double>(gradientScale) / sum), buffer, classes);
    buffer[label] -= gradientScale;
    return static_cast<float>(std::log(sum) - agreement);
}

} // namespace nn::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nn {

HWY_EXPORT(softmaxRowsSimd);
HWY_EXPORT(softmaxGradientSimd);
HWY_EXPORT(crossEntropySimd);
HWY_EXPORT(labelCrossEntropySimd);

void softmaxForward(Parallel& parallel, const SoftmaxGeometry& g, std::span<const float> x,
                    std::span<float> y) {
    forEachRows(parallel, g, [&](std::int64_t first, std::int64_t rows) {
        const std::int64_t at = first * g.classes;
        NN_SIMD(softmaxRowsSimd)(rows, g.classes, x.data() + at, y.data() + at);
    });
}

void softmaxBackward(Parallel& parallel, const SoftmaxGeometry& g, std::span<const float> y,
                     std::span<const float> dy, std::span<float> dx) {
    forEachRows(parallel, g, [&](std::int64_t first, std::int64_t rows) {
        const std::int64_t at = first * g.classes;
        NN_SIMD(softmaxGradientSimd)
        (rows, g.classes, y.data() + at, dy.data() + at, dx.data() + at);
    });
}

void softmaxCrossEntropy(Parallel& parallel, const SoftmaxGeometry& g,
                         const SoftmaxCrossEntropyArgs& args) {
    forEachRows(parallel, g, [&](std::int64_t first, std::int64_t rows) {
        for (std::int64_t row = first; row < first + rows; ++row) {
            const std::int64_t at = row * g.classes;
            const auto index = static_cast<std::size_t>(row);
            float* const buffer = args.dLogits.data() + at;
            args.losses[index] =
                args.labels.empty()
                    ? NN_SIMD(crossEntropySimd)(args.logits.data() + at, args.targets.data() + at,
                                                g.classes, buffer, args.gradientScale)
                    : NN_SIMD(labelCrossEntropySimd)(args.logits.data() + at, args.labels[index],
                                                     g.classes, buffer, args.gradientScale);
        }
    });
}

} // namespace nn
#endif
