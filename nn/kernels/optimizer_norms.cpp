// Optimizers whose step depends on the size of a whole variable.
#include "nn/kernels/optimizer_part.h"
#include "nn/kernels/simd_dispatch.h"

#include <cmath>
#include <numeric>
#include <vector>

#ifndef NN_KERNELS_OPTIMIZER_NORMS_TYPES
#define NN_KERNELS_OPTIMIZER_NORMS_TYPES
namespace nn {
namespace {
/// Sums of squares over one part.
struct LambSums {
    double weights = 0.0;
    double direction = 0.0;
};
} // namespace
} // namespace nn
#endif

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "nn/kernels/optimizer_norms.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "nn/kernels/optimizer_step-inl.h"

HWY_BEFORE_NAMESPACE();
namespace nn::HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;

/// Adam's direction from its moments, both corrected.
struct Direction {
    Vector perM;
    Vector perV;
    Vector epsilon;

    explicit Direction(const AdamStep& s)
        : perM(scalar(1.0 / (1.0 - std::pow(s.beta1, static_cast<double>(s.step))))),
          perV(scalar(1.0 / (1.0 - std::pow(s.beta2, static_cast<double>(s.step))))),
          epsilon(scalar(s.epsilon)) {}

    HWY_INLINE Vector of(Vector m, Vector v) const {
        return hn::Div(hn::Mul(m, perM), hn::Add(hn::Sqrt(hn::Mul(v, perV)), epsilon));
    }
};

} // namespace

/// Moments and decay; adds up the squares of the weights and of the direction.
void lambMomentsSimd(const AdamStep& s, const OptimizerPart& part, LambSums& sums) {
    const Vector fresh1 = scalar(1.0 - s.beta1);
    const Vector fresh2 = scalar(1.0 - s.beta2);
    const Direction direction(s);
    Vector weights = hn::Zero(Tag());
    Vector directions = hn::Zero(Tag());
    updateWeights(
        s.common, part,
        [&](Vector g, Vector w, Vector& m, Vector& v) HWY_ATTR {
            m = towards(m, g, fresh1);
            v = towards(v, hn::Mul(g, g), fresh2);
            const Vector d = direction.of(m, v);
            weights = hn::MulAdd(w, w, weights);
            directions = hn::MulAdd(d, d, directions);
            return w;
        },
        part.slots[0], part.slots[1]);
    sums.weights = static_cast<double>(hn::GetLane(hn::SumOfLanes(Tag(), weights)));
    sums.direction = static_cast<double>(hn::GetLane(hn::SumOfLanes(Tag(), directions)));
}

void lambMoveSimd(const AdamStep& s, double rate, const OptimizerPart& part) {
    const Direction direction(s);
    const Vector length = scalar(rate);
    forEachVector(part.count, [&]<bool Whole>(std::int64_t at, std::int64_t count) HWY_ATTR {
        const Vector d = direction.of(load<Whole>(count, part.slots[0] + at),
                                      load<Whole>(count, part.slots[1] + at));
        const Vector w = load<Whole>(count, part.weights + at);
        store<Whole>(hn::NegMulAdd(length, d, w), count, part.weights + at);
    });
}

} // namespace nn::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nn {

HWY_EXPORT(lambMomentsSimd);
HWY_EXPORT(lambMoveSimd);

void lambStep(Parallel& parallel, const AdamStep& step, std::span<const float> gradient,
              std::span<float> weights, const AdamState& state) {
    // Only the parts of very large variables are allocated.
    std::array<LambSums, 64> few{};
    const std::size_t count = weights.size() / mapBlock + 1;
    std::vector<LambSums> many(count > few.size() ? count : 0);
    const std::span<LambSums> parts =
        many.empty() ? std::span<LambSums>(few).first(count) : std::span<LambSums>(many);
    forEachOptimizerPart(parallel, gradient, weights, {state.m, state.v},
                         [&](const OptimizerPart& part) {
                             NN_SIMD(lambMomentsSimd)
                             (step, part, parts[static_cast<std::size_t>(part.index)]);
                         });
    double weightSquares = 0.0;
    double directionSquares = 0.0;
    for (const LambSums& part : parts) {
        weightSquares += part.weights;
        directionSquares += part.direction;
    }
    const bool both = weightSquares > 0.0 && directionSquares > 0.0;
    const double ratio = both ? std::sqrt(weightSquares / directionSquares) : 1.0;
    forEachOptimizerPart(parallel, gradient, weights, {state.m, state.v},
                         [&](const OptimizerPart& part) {
                             NN_SIMD(lambMoveSimd)(step, ratio * step.common.learningRate, part);
                         });
}

} // namespace nn
#endif
