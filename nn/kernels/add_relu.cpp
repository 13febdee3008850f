#include "nn/kernels/add_relu.h"

#include "nn/kernels/map.h"
#include "nn/kernels/simd_dispatch.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "nn/kernels/add_relu.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "nn/kernels/map-inl.h"

HWY_BEFORE_NAMESPACE();
namespace nn::HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;
} // namespace

void addReluSimd(std::span<const std::span<const float>> inputs, std::int64_t first,
                 std::int64_t total, float* y) {
    forEachVector(total, [&]<bool Whole>(std::int64_t at, std::int64_t count) HWY_ATTR {
        Vector sum = load<Whole>(count, inputs[0].data() + first + at);
        for (const std::span<const float> input : inputs.subspan(1)) {
            sum = hn::Add(sum, load<Whole>(count, input.data() + first + at));
        }
        store<Whole>(atLeast(hn::Zero(Tag()), sum), count, y + first + at);
    });
}

void addReluBackwardSimd(const float* y, const float* dy,
                         std::span<const std::span<float>> gradients, std::int64_t first,
                         std::int64_t total) {
    forEachVector(total, [&]<bool Whole>(std::int64_t at, std::int64_t count) HWY_ATTR {
        const auto cut = hn::Le(load<Whole>(count, y + first + at), hn::Zero(Tag()));
        const Vector passed = hn::IfThenZeroElse(cut, load<Whole>(count, dy + first + at));
        for (const std::span<float> gradient : gradients) {
            if (!gradient.empty()) {
                store<Whole>(passed, count, gradient.data() + first + at);
            }
        }
    });
}

} // namespace nn::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nn {

HWY_EXPORT(addReluSimd);
HWY_EXPORT(addReluBackwardSimd);

void addRelu(Parallel& parallel, std::span<const std::span<const float>> inputs,
             std::span<float> y) {
    const auto total = static_cast<std::int64_t>(y.size());
    forEachBlock(parallel, total, [&](std::int64_t first, std::int64_t count) {
        NN_SIMD(addReluSimd)(inputs, first, count, y.data());
    });
}

void addReluBackward(Parallel& parallel, std::span<const float> y, std::span<const float> dy,
                     std::span<const std::span<float>> gradients) {
    const auto total = static_cast<std::int64_t>(y.size());
    forEachBlock(parallel, total, [&](std::int64_t first, std::int64_t count) {
        NN_SIMD(addReluBackwardSimd)(y.data(), dy.data(), gradients, first, count);
    });
}

} // namespace nn
#endif
