// What the rules of all optimizers share. Included once per instruction set.
#if defined(NN_KERNELS_OPTIMIZER_STEP_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef NN_KERNELS_OPTIMIZER_STEP_INL_H_
#undef NN_KERNELS_OPTIMIZER_STEP_INL_H_
#else
#define NN_KERNELS_OPTIMIZER_STEP_INL_H_
#endif

#include <hwy/highway.h>

#include "nn/kernels/map-inl.h"
#include "nn/kernels/optimizer_part.h"

HWY_BEFORE_NAMESPACE();
namespace nn::HWY_NAMESPACE {

HWY_INLINE Vector scalar(double value) {
    return hwy::HWY_NAMESPACE::Set(Tag(), static_cast<float>(value));
}

/// One pass over a part: rule(g, w, slots…) with the gradient after clipping and the weight after
/// decay gives the new weight and changes the slots.
template <typename Rule, typename... Slot>
HWY_INLINE void updateWeights(const StepCommon& c, const OptimizerPart& part, const Rule& rule,
                              Slot*... slots) {
    namespace hn = hwy::HWY_NAMESPACE;
    const Vector scale = scalar(c.gradientScale);
    const Vector most = scalar(c.gradientBound);
    const Vector least = scalar(-c.gradientBound);
    const Vector keep = scalar(1.0 - c.weightDecay * c.learningRate);
    forEachVector(part.count, [&]<bool Whole>(std::int64_t at, std::int64_t count) HWY_ATTR {
        const Vector scaled = hn::Mul(scale, load<Whole>(count, part.gradient + at));
        const Vector g = hn::Max(hn::Min(scaled, most), least);
        const Vector w = hn::Mul(keep, load<Whole>(count, part.weights + at));
        const auto withSlots = [&](auto... values) HWY_ATTR {
            store<Whole>(rule(g, w, values...), count, part.weights + at);
            (store<Whole>(values, count, slots + at), ...);
        };
        withSlots(load<Whole>(count, slots + at)...);
    });
}

/// old + share · (fresh − old).
HWY_INLINE Vector towards(Vector old, Vector fresh, Vector share) {
    return hwy::HWY_NAMESPACE::MulAdd(hwy::HWY_NAMESPACE::Sub(fresh, old), share, old);
}

} // namespace nn::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
