#include "nn/kernels/elementwise.h"

#include "nn/kernels/map.h"
#include "nn/kernels/simd_dispatch.h"

#include <algorithm>
#include <cstring>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "nn/kernels/elementwise.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "nn/kernels/map-inl.h"

HWY_BEFORE_NAMESPACE();
namespace nn::HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;
} // namespace

void binarySimd(BinaryOp op, const float* a, const float* b, float* y, std::int64_t count) {
    using enum BinaryOp;
    switch (op) {
    case Add:
        return map(a, b, y, count, [](Vector u, Vector v) HWY_ATTR { return hn::Add(u, v); });
    case Subtract:
        return map(a, b, y, count, [](Vector u, Vector v) HWY_ATTR { return hn::Sub(u, v); });
    case Multiply:
        return map(a, b, y, count, [](Vector u, Vector v) HWY_ATTR { return hn::Mul(u, v); });
    // u wins unless v is larger (smaller) or NaN.
    case Maximum:
        return map(a, b, y, count, [](Vector u, Vector v) HWY_ATTR {
            return hn::IfThenElse(hn::Or(hn::Gt(v, u), hn::IsNaN(v)), v, u);
        });
    case Minimum:
        return map(a, b, y, count, [](Vector u, Vector v) HWY_ATTR {
            return hn::IfThenElse(hn::Or(hn::Lt(v, u), hn::IsNaN(v)), v, u);
        });
    }
}

void splitByWinnerSimd(bool largest, const float* a, const float* b, float* gradientA,
                       float* gradientB, std::int64_t total) {
    const Vector half = hn::Set(Tag(), 0.5F);
    forEachVector(total, [&]<bool Whole>(std::int64_t at, std::int64_t count) HWY_ATTR {
        const Vector u = load<Whole>(count, a + at);
        const Vector v = load<Whole>(count, b + at);
        const Vector gradient = load<Whole>(count, gradientA + at);
        const auto wins = largest ? hn::Gt(v, u) : hn::Lt(v, u);
        const Vector shared = hn::IfThenElseZero(hn::Eq(v, u), hn::Mul(gradient, half));
        const Vector won = hn::IfThenElse(wins, gradient, shared);
        store<Whole>(won, count, gradientB + at);
        store<Whole>(hn::Sub(gradient, won), count, gradientA + at);
    });
}

void scaleSimd(float factor, float offset, const float* x, float* y, std::int64_t count) {
    const Vector f = hn::Set(Tag(), factor);
    const Vector o = hn::Set(Tag(), offset);
    map(x, y, count, [f, o](Vector v) HWY_ATTR { return hn::MulAdd(v, f, o); });
}

} // namespace nn::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nn {

HWY_EXPORT(binarySimd);
HWY_EXPORT(splitByWinnerSimd);
HWY_EXPORT(scaleSimd);

void binary(Parallel& parallel, BinaryOp op, std::span<const float> a, std::span<const float> b,
            std::span<float> y) {
    const auto total = static_cast<std::int64_t>(y.size());
    forEachBlock(parallel, total, [&](std::int64_t first, std::int64_t count) {
        NN_SIMD(binarySimd)(op, a.data() + first, b.data() + first, y.data() + first, count);
    });
}

void splitByWinner(Parallel& parallel, BinaryOp op, const WinnerArgs& args) {
    const auto total = static_cast<std::int64_t>(args.a.size());
    forEachBlock(parallel, total, [&](std::int64_t first, std::int64_t count) {
        NN_SIMD(splitByWinnerSimd)
        (op == BinaryOp::Maximum, args.a.data() + first, args.b.data() + first,
         args.gradientA.data() + first, args.gradientB.data() + first, count);
    });
}

void addAll(Parallel& parallel, std::span<const std::span<const float>> inputs,
            std::span<float> y) {
    const auto total = static_cast<std::int64_t>(y.size());
    forEachBlock(parallel, total, [&](std::int64_t first, std::int64_t count) {
        float* const to = y.data() + first;
        if (inputs.size() == 1) {
            std::memmove(to, inputs[0].data() + first,
                         static_cast<std::size_t>(count) * sizeof(float));
            return;
        }
        const float* sum = inputs[0].data() + first;
        for (const std::span<const float> input : inputs.subspan(1)) {
            NN_SIMD(binarySimd)(BinaryOp::Add, sum, input.data() + first, to, count);
            sum = to;
        }
    });
}

void accumulate(Parallel& parallel, std::span<const float> x, std::span<float> y) {
    binary(parallel, BinaryOp::Add, y, x, y);
}

void scale(Parallel& parallel, float factor, float offset, std::span<const float> x,
           std::span<float> y) {
    const auto total = static_cast<std::int64_t>(y.size());
    forEachBlock(parallel, total, [&](std::int64_t first, std::int64_t count) {
        NN_SIMD(scaleSimd)(factor, offset, x.data() + first, y.data() + first, count);
    });
}

void fill(Parallel& parallel, float value, std::span<float> y) {
    const auto total = static_cast<std::int64_t>(y.size());
    forEachBlock(parallel, total, [&](std::int64_t first, std::int64_t count) {
        std::fill_n(y.data() + first, count, value);
    });
}

void copyStrided(Parallel& parallel, const CopyGeometry& g, std::span<const float> source,
                 std::span<float> target) {
    const std::int64_t block =
        std::max<std::int64_t>(1, mapBlock / std::max<std::int64_t>(1, g.length));
    const auto copyRows = [&](std::int64_t first, std::int64_t count) {
        for (std::int64_t row = first; row < first + count; ++row) {
            std::memcpy(target.data() + row * g.targetStride, source.data() + row * g.sourceStride,
                        static_cast<std::size_t>(g.length) * sizeof(float));
        }
    };
    forEachBlock(parallel, g.rows, copyRows, block);
}

} // namespace nn
#endif
