#include "nn/kernels/elementwise.h"

#include "nn/kernels/simd_dispatch.h"

#include <algorithm>
#include <array>
#include <atomic>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "nn/kernels/sums.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "nn/kernels/map-inl.h"

HWY_BEFORE_NAMESPACE();
namespace nn::HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;

/// Σ term(x) in double precision over blocks whose sums are short enough for floats.
template <typename Term>
HWY_INLINE double sumOfTerms(const float* x, std::int64_t total, const Term& term) {
    constexpr std::int64_t block = 64 * kLanes;
    double sum = 0.0;
    for (std::int64_t first = 0; first < total; first += block) {
        Vector part = hn::Zero(Tag());
        forEachVector(std::min(block, total - first),
                      [&]<bool Whole>(std::int64_t at, std::int64_t count) HWY_ATTR {
                          part = hn::Add(part, term(load<Whole>(count, x + first + at)));
                      });
        sum += static_cast<double>(hn::GetLane(hn::SumOfLanes(Tag(), part)));
    }
    return sum;
}

} // namespace

double squaresSimd(const float* x, std::int64_t count) {
    return sumOfTerms(x, count, [](Vector v) HWY_ATTR { return hn::Mul(v, v); });
}

double magnitudesSimd(const float* x, std::int64_t count) {
    return sumOfTerms(x, count, [](Vector v) HWY_ATTR { return hn::Abs(v); });
}

double valuesSimd(const float* x, std::int64_t count) {
    return sumOfTerms(x, count, [](Vector v) HWY_ATTR { return v; });
}

/// Whether all values are finite: x - x is 0 for those only.
bool finiteSimd(const float* x, std::int64_t total) {
    Vector odd = hn::Zero(Tag());
    forEachVector(total, [&]<bool Whole>(std::int64_t at, std::int64_t count) HWY_ATTR {
        const Vector v = load<Whole>(count, x + at);
        odd = hn::Add(odd, hn::Sub(v, v));
    });
    return hn::AllTrue(Tag(), hn::Eq(odd, hn::Zero(Tag())));
}

} // namespace nn::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nn {

HWY_EXPORT(squaresSimd);
HWY_EXPORT(magnitudesSimd);
HWY_EXPORT(valuesSimd);
HWY_EXPORT(finiteSimd);

namespace {

/// Adds up part(first, count) over parts that depend on the length only, in their order.
template <typename Part>
double sumOfParts(Parallel& parallel, std::int64_t total, const Part& part) {
    constexpr std::int64_t maxParts = 64;
    constexpr std::int64_t minFloats = 8192;
    const std::int64_t parts = std::clamp<std::int64_t>(total / minFloats, 1, maxParts);
    std::array<double, maxParts> sums{};
    parallel.run(parts, [&](std::int64_t task, int) {
        const std::int64_t first = total * task / parts;
        sums[static_cast<std::size_t>(task)] = part(first, total * (task + 1) / parts - first);
    });
    double sum = 0.0;
    for (const double value : sums) {
        sum += value;
    }
    return sum;
}

} // namespace

SquareSum sumOfSquares(Parallel& parallel, std::span<const float> x) {
    std::atomic<bool> finite{true};
    const double sum = sumOfParts(parallel, static_cast<std::int64_t>(x.size()),
                                  [&](std::int64_t first, std::int64_t count) {
                                      if (!NN_SIMD(finiteSimd)(x.data() + first, count)) {
                                          finite.store(false, std::memory_order_relaxed);
                                      }
                                      return NN_SIMD(squaresSimd)(x.data() + first, count);
                                  });
    return {.sum = sum, .finite = finite.load()};
}

double sumOfMagnitudes(Parallel& parallel, std::span<const float> x) {
    return sumOfParts(parallel, static_cast<std::int64_t>(x.size()),
                      [&](std::int64_t first, std::int64_t count) {
                          return NN_SIMD(magnitudesSimd)(x.data() + first, count);
                      });
}

double sumOf(Parallel& parallel, std::span<const float> x) {
    return sumOfParts(parallel, static_cast<std::int64_t>(x.size()),
                      [&](std::int64_t first, std::int64_t count) {
                          return NN_SIMD(valuesSimd)(x.data() + first, count);
                      });
}

} // namespace nn
#endif
