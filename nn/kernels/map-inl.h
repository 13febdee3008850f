// Walks over spans one vector at a time. Included once per instruction set.
#if defined(NN_KERNELS_MAP_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef NN_KERNELS_MAP_INL_H_
#undef NN_KERNELS_MAP_INL_H_
#else
#define NN_KERNELS_MAP_INL_H_
#endif

#include <cstdint>

#include <hwy/highway.h>

#include "nn/kernels/partial-inl.h"

HWY_BEFORE_NAMESPACE();
namespace nn::HWY_NAMESPACE {

/// A whole or a partial vector of a span, chosen at compile time.
template <bool Whole>
HWY_INLINE Vector load(std::int64_t count, const float* from) {
    if constexpr (Whole) {
        return hwy::HWY_NAMESPACE::LoadU(Tag(), from);
    } else {
        return loadFirst(count, from);
    }
}

template <bool Whole>
HWY_INLINE void store(Vector value, std::int64_t count, float* to) {
    if constexpr (Whole) {
        hwy::HWY_NAMESPACE::StoreU(value, Tag(), to);
    } else {
        storeFirst(value, count, to);
    }
}

/// Calls body.template operator()<Whole>(at, count) for each vector of `total` values.
template <typename Body>
HWY_INLINE void forEachVector(std::int64_t total, const Body& body) {
    std::int64_t at = 0;
    for (; at + kLanes <= total; at += kLanes) {
        body.template operator()<true>(at, kLanes);
    }
    if (at < total) {
        body.template operator()<false>(at, total - at);
    }
}

/// y = f(x).
template <typename Function>
HWY_INLINE void map(const float* x, float* y, std::int64_t total, const Function& f) {
    forEachVector(total, [&]<bool Whole>(std::int64_t at, std::int64_t count) HWY_ATTR {
        store<Whole>(f(load<Whole>(count, x + at)), count, y + at);
    });
}

/// y = f(a, b).
template <typename Function>
HWY_INLINE void map(const float* a, const float* b, float* y, std::int64_t total,
                    const Function& f) {
    forEachVector(total, [&]<bool Whole>(std::int64_t at, std::int64_t count) HWY_ATTR {
        store<Whole>(f(load<Whole>(count, a + at), load<Whole>(count, b + at)), count, y + at);
    });
}

} // namespace nn::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
