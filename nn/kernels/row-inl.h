// Sums and maxima over rows of floats. Included once per instruction set.
#if defined(NN_KERNELS_ROW_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef NN_KERNELS_ROW_INL_H_
#undef NN_KERNELS_ROW_INL_H_
#else
#define NN_KERNELS_ROW_INL_H_
#endif

#include <algorithm>
#include <cstdint>

#include <hwy/highway.h>

#include "nn/kernels/map-inl.h"

HWY_BEFORE_NAMESPACE();
namespace nn::HWY_NAMESPACE {

HWY_INLINE float rowMaximum(const float* x, std::int64_t count) {
    namespace hn = hwy::HWY_NAMESPACE;
    const Tag d;
    Vector largest = hn::Set(d, x[0]);
    std::int64_t at = 0;
    for (; at + kLanes <= count; at += kLanes) {
        largest = hn::Max(largest, hn::LoadU(d, x + at));
    }
    float result = hn::GetLane(hn::MaxOfLanes(d, largest));
    for (; at < count; ++at) {
        result = std::max(result, x[at]);
    }
    return result;
}

/// Σ body<Whole>(at, count) over the vectors of a row: in floats over short runs, then in doubles.
template <typename Body>
HWY_INLINE double sumOverRow(std::int64_t total, const Body& body) {
    namespace hn = hwy::HWY_NAMESPACE;
    const Tag d;
    constexpr std::int64_t run = 32 * kLanes;
    double sum = 0.0;
    for (std::int64_t first = 0; first < total; first += run) {
        Vector part = hn::Zero(d);
        forEachVector(std::min(run, total - first),
                      [&]<bool Whole>(std::int64_t at, std::int64_t count) HWY_ATTR {
                          part = hn::Add(part, body.template operator()<Whole>(first + at, count));
                      });
        sum += static_cast<double>(hn::GetLane(hn::SumOfLanes(d, part)));
    }
    return sum;
}

} // namespace nn::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
