// Loads and stores of the first lanes of a vector. Included once per instruction set.
#if defined(NN_KERNELS_PARTIAL_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef NN_KERNELS_PARTIAL_INL_H_
#undef NN_KERNELS_PARTIAL_INL_H_
#else
#define NN_KERNELS_PARTIAL_INL_H_
#endif

#include <cstdint>
#include <cstring>

#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace nn::HWY_NAMESPACE {

using Tag = hwy::HWY_NAMESPACE::CappedTag<float, 16>;
using Vector = hwy::HWY_NAMESPACE::Vec<Tag>;
constexpr int kLanes = static_cast<int>(hwy::HWY_NAMESPACE::MaxLanes(Tag()));

/// max(floor, value), where NaN stays NaN.
HWY_INLINE Vector atLeast(Vector floor, Vector value) {
    namespace hn = hwy::HWY_NAMESPACE;
#if HWY_TARGET == HWY_SCALAR
    return hn::IfThenElse(hn::Lt(value, floor), floor, value);
#else
    return hn::Max(floor, value); // of x86 and ARM: the second one if either is NaN, or NaN
#endif
}

#if HWY_TARGET == HWY_AVX2 || HWY_TARGET == HWY_AVX3
/// Stores the first `count` lanes; touches no memory behind them.
HWY_INLINE void storeFirst(Vector value, std::int64_t count, float* to) {
    namespace hn = hwy::HWY_NAMESPACE;
    hn::BlendedStore(value, hn::FirstN(Tag(), static_cast<std::size_t>(count)), Tag(), to);
}
/// Loads the first `count` lanes, zeros behind them; touches no memory behind them.
HWY_INLINE Vector loadFirst(std::int64_t count, const float* from) {
    namespace hn = hwy::HWY_NAMESPACE;
    return hn::MaskedLoad(hn::FirstN(Tag(), static_cast<std::size_t>(count)), Tag(), from);
}
#else
HWY_INLINE void storeFirst(Vector value, std::int64_t count, float* to) {
    alignas(64) float lanes[kLanes];
    hwy::HWY_NAMESPACE::Store(value, Tag(), lanes);
    std::memcpy(to, lanes, static_cast<std::size_t>(count) * sizeof(float));
}
HWY_INLINE Vector loadFirst(std::int64_t count, const float* from) {
    alignas(64) float lanes[kLanes] = {};
    std::memcpy(lanes, from, static_cast<std::size_t>(count) * sizeof(float));
    return hwy::HWY_NAMESPACE::Load(Tag(), lanes);
}
#endif

} // namespace nn::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
