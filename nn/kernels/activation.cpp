#include "nn/kernels/activation.h"

#include "nn/kernels/map.h"
#include "nn/kernels/simd_dispatch.h"

#include <algorithm>
#include <utility>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "nn/kernels/activation.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "nn/kernels/activation-inl.h"
#include "nn/kernels/map-inl.h"

HWY_BEFORE_NAMESPACE();
namespace nn::HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;

/// Calls body.template operator()<Kind>() with the kind as a constant.
template <typename Body, std::size_t... Kinds>
void withKind(ActivationKind kind, const Body& body, std::index_sequence<Kinds...> /*all*/) {
    const auto call = [&]<ActivationKind Kind>() {
        if (kind == Kind) {
            body.template operator()<Kind>();
        }
        return kind == Kind;
    };
    (call.template operator()<static_cast<ActivationKind>(Kinds)>() || ...);
}

using AllKinds = std::make_index_sequence<kActivationKinds>;

} // namespace

void activateSimd(const Activation& f, const float* x, float* y, std::int64_t count) {
    const auto apply = [&]<ActivationKind Kind>() HWY_ATTR {
        map(x, y, count, [&f](Vector v) HWY_ATTR { return Function<Kind>::value(f, v); });
    };
    withKind(f.kind, apply, AllKinds());
}

/// `known` is the input or the output, as `activationBackwardReads` says.
void activationGradientSimd(const Activation& f, const float* known, const float* dy, float* dx,
                            std::int64_t count) {
    const auto apply = [&]<ActivationKind Kind>() HWY_ATTR {
        map(known, dy, dx, count, [&f](Vector v, Vector gradient) HWY_ATTR {
            return hn::Mul(gradient, Function<Kind>::slope(f, v));
        });
    };
    withKind(f.kind, apply, AllKinds());
}

} // namespace nn::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nn {

HWY_EXPORT(activateSimd);
HWY_EXPORT(activationGradientSimd);

void activationForward(Parallel& parallel, const Activation& f, std::span<const float> x,
                       std::span<float> y) {
    const auto total = static_cast<std::int64_t>(x.size());
    forEachBlock(parallel, total, [&](std::int64_t first, std::int64_t count) {
        NN_SIMD(activateSimd)(f, x.data() + first, y.data() + first, count);
    });
}

BackwardReads activationBackwardReads(const Activation& f) {
    using enum ActivationKind;
    switch (f.kind) {
    case Relu:
        return f.threshold == 0.0F && f.negativeSlope >= 0.0F ? BackwardReads::Output
                                                              : BackwardReads::Input;
    case Elu:
        return f.alpha >= 0.0F ? BackwardReads::Output : BackwardReads::Input;
    case Silu:
    case Gelu:
    case HardSilu:
    case TanhShrink:
    case Mish:
        return BackwardReads::Input;
    case Linear:
    case Sigmoid:
    case Tanh:
    case Selu:
    case Softplus:
    case Softsign:
    case Exponential:
    case HardSigmoid:
    case HardTanh:
    case HardShrink:
    case SoftShrink:
    case LogSigmoid:
    case SquarePlus:
    case SparsePlus:
    case SparseSigmoid:
        return BackwardReads::Output;
    }
    return BackwardReads::Input;
}

void activationBackward(Parallel& parallel, const Activation& f,
                        const ActivationBackwardArgs& args) {
    const auto known = activationBackwardReads(f) == BackwardReads::Output ? args.y : args.x;
    const auto total = static_cast<std::int64_t>(args.dy.size());
    forEachBlock(parallel, total, [&](std::int64_t first, std::int64_t count) {
        NN_SIMD(activationGradientSimd)
        (f, known.data() + first, args.dy.data() + first, args.dx.data() + first, count);
    });
}

} // namespace nn
#endif
