#include "nn/kernels/conv_bundle.h"

#include "nn/kernels/product.h"
#include "nn/kernels/scratch.h"
#include "nn/kernels/simd_dispatch.h"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "nn/kernels/conv_bundle.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "nn/kernels/partial-inl.h"

HWY_BEFORE_NAMESPACE();
namespace nn::HWY_NAMESPACE {

/// With shorter vectors a bundle fills no more lanes than its longer rows cost.
bool bundlesPaySimd() {
    return kLanes == panelColumns;
}

} // namespace nn::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nn {

HWY_EXPORT(bundlesPaySimd);

namespace {

// The filters of a bundle are written anew for each call.
constexpr std::int64_t kMostWeights = 4096;

ConvGeometry bundled(const ConvGeometry& g) {
    const std::int64_t bundle = bundleOf(g);
    ConvGeometry result = g;
    result.outWidth /= bundle;
    result.outChannels *= bundle;
    result.strideWidth = bundle;
    result.kernelWidth += bundle - 1;
    return result;
}

/// Calls visit(weight, bundled weight) with the offsets of the filters of a tap and channel, for
/// all places in the bundle.
template <typename Visit>
void forEachRun(const ConvGeometry& g, const Visit& visit) {
    const std::int64_t bundle = bundleOf(g);
    const std::int64_t taps = g.kernelWidth + bundle - 1;
    for (std::int64_t i = 0; i < g.kernelHeight; ++i) {
        for (std::int64_t j = 0; j < g.kernelWidth; ++j) {
            for (std::int64_t c = 0; c < g.inChannels; ++c) {
                for (std::int64_t place = 0; place < bundle; ++place) {
                    const std::int64_t to = (i * taps + j + place) * g.inChannels + c;
                    visit(((i * g.kernelWidth + j) * g.inChannels + c) * g.outChannels,
                          (to * bundle + place) * g.outChannels);
                }
            }
        }
    }
}

std::span<float> spanOf(float* memory, std::int64_t count) {
    return {memory, memory == nullptr ? 0 : static_cast<std::size_t>(count)};
}

/// Weights and bias of bundles, or their gradients, and what the call needs besides.
struct Memory {
    std::span<float> weights, bias, rest;
};

Memory takeMemory(const ConvGeometry& g, std::int64_t restFloats, Scratch& scratch) {
    Memory memory;
    memory.weights = spanOf(scratch.floats(g.weightFloats()), g.weightFloats());
    memory.bias = spanOf(scratch.floats(g.outChannels), g.outChannels);
    memory.rest = spanOf(scratch.floats(restFloats), restFloats);
    return memory;
}

std::int64_t neededFloats(const ConvGeometry& g, std::int64_t restFloats) {
    Scratch scratch;
    static_cast<void>(takeMemory(g, restFloats, scratch));
    return scratch.needed();
}

} // namespace

std::int64_t bundleOf(const ConvGeometry& g) {
    const bool fits = g.groups == 1 && g.strideWidth == 1 && g.dilationWidth == 1 &&
                      g.kernelWidth > 1 && 2 * g.outChannels <= panelColumns;
    if (!fits || !NN_SIMD(bundlesPaySimd)()) {
        return 1;
    }
    std::int64_t best = 1;
    for (std::int64_t bundle = 2; bundle * g.outChannels <= panelColumns; ++bundle) {
        const std::int64_t taps = g.kernelWidth + bundle - 1;
        const bool isBetter = taps * best < (g.kernelWidth + best - 1) * bundle;
        const std::int64_t weights = g.kernelHeight * taps * g.inChannels * bundle * g.outChannels;
        if (g.outWidth % bundle == 0 && isBetter && weights <= kMostWeights) {
            best = bundle;
        }
    }
    return best;
}

std::int64_t bundledForwardScratchFloats(const ConvGeometry& g, std::int64_t batch,
                                         ConvThreads threads) {
    const ConvGeometry bundles = bundled(g);
    return neededFloats(bundles, convForwardScratchFloats(bundles, batch, threads));
}

void bundledForward(Parallel& parallel, const ConvGeometry& g, const ConvForwardArgs& args) {
    const ConvGeometry bundles = bundled(g);
    Scratch scratch(args.scratch);
    const Memory memory =
        takeMemory(bundles, convForwardScratchFloats(bundles, args.batch, args.threads), scratch);
    std::ranges::fill(memory.weights, 0.0F);
    forEachRun(g, [&](std::int64_t from, std::int64_t to) {
        std::copy_n(args.weights.data() + from, g.outChannels, memory.weights.data() + to);
    });
    for (std::size_t i = 0; !args.bias.empty() && i < memory.bias.size(); ++i) {
        memory.bias[i] = args.bias[i % static_cast<std::size_t>(g.outChannels)];
    }
    ConvForwardArgs call = args;
    call.weights = memory.weights;
    call.bias = args.bias.empty() ? args.bias : memory.bias;
    call.scratch = memory.rest;
    convForward(parallel, bundles, call);
}

std::int64_t bundledWeightsScratchFloats(const ConvGeometry& g, std::int64_t batch,
                                         ConvThreads threads) {
    const ConvGeometry bundles = bundled(g);
    return neededFloats(bundles, convBackwardWeightsScratchFloats(bundles, batch, threads));
}

void bundledBackwardWeights(Parallel& parallel, const ConvGeometry& g,
                            const ConvBackwardWeightsArgs& args) {
    const ConvGeometry bundles = bundled(g);
    Scratch scratch(args.scratch);
    const Memory memory = takeMemory(
        bundles, convBackwardWeightsScratchFloats(bundles, args.batch, args.threads), scratch);
    ConvBackwardWeightsArgs call = args;
    call.dw = memory.weights;
    call.db = args.db.empty() ? args.db : memory.bias;
    call.write = Write::Assign;
    call.scratch = memory.rest;
    convBackwardWeights(parallel, bundles, call);
    if (args.write == Write::Assign) {
        std::fill_n(args.dw.begin(), g.weightFloats(), 0.0F);
        std::fill_n(args.db.begin(), args.db.empty() ? 0 : g.outChannels, 0.0F);
    }
    forEachRun(g, [&](std::int64_t to, std::int64_t from) {
        for (std::int64_t k = 0; k < g.outChannels; ++k) {
            args.dw[static_cast<std::size_t>(to + k)] +=
                memory.weights[static_cast<std::size_t>(from + k)];
        }
    });
    for (std::size_t i = 0; !args.db.empty() && i < memory.bias.size(); ++i) {
        args.db[i % static_cast<std::size_t>(g.outChannels)] += memory.bias[i];
    }
}

} // namespace nn
#endif
