#pragma once

#include "nn/base/parallel.h"
#include "nn/kernels/common.h"

#include <cstdint>
#include <span>

namespace nn {

/// Sizes of one 2-D convolution. Activations are NHWC, weights HWIO
/// [kernelHeight][kernelWidth][inChannels / groups][outChannels]. Padding below and to the right
/// follows from the output size.
struct ConvGeometry {
    std::int64_t inHeight = 1, inWidth = 1, inChannels = 1;
    std::int64_t outHeight = 1, outWidth = 1, outChannels = 1;
    std::int64_t kernelHeight = 1, kernelWidth = 1;
    std::int64_t strideHeight = 1, strideWidth = 1;
    std::int64_t dilationHeight = 1, dilationWidth = 1;
    std::int64_t padTop = 0, padLeft = 0;
    std::int64_t groups = 1;

    bool operator==(const ConvGeometry&) const = default;

    [[nodiscard]] std::int64_t inputFloats() const { return inHeight * inWidth * inChannels; }
    [[nodiscard]] std::int64_t outputFloats() const { return outHeight * outWidth * outChannels; }
    /// Input values that one output value sums over.
    [[nodiscard]] std::int64_t reduction() const {
        return kernelHeight * kernelWidth * (inChannels / groups);
    }
    [[nodiscard]] std::int64_t weightFloats() const { return reduction() * outChannels; }
    /// Multiply-adds of a forward pass over one image, padding counted.
    [[nodiscard]] std::int64_t multiplyAdds() const { return outputFloats() * reduction(); }
};

/// For how many threads a call is cut and has memory, whatever `Parallel` has: for any number of
/// them, or for one, where the call is part of a task.
enum class ConvThreads : int { Any = Parallel::maxThreads, One = 1 };

/// Floats of scratch that each call needs. Does not depend on the number of threads.
[[nodiscard]] std::int64_t convForwardScratchFloats(const ConvGeometry& g, std::int64_t batch,
                                                    ConvThreads threads = ConvThreads::Any);
[[nodiscard]] std::int64_t convBackwardDataScratchFloats(const ConvGeometry& g, std::int64_t batch,
                                                         ConvThreads threads = ConvThreads::Any);
[[nodiscard]] std::int64_t convBackwardWeightsScratchFloats(const ConvGeometry& g,
                                                            std::int64_t batch,
                                                            ConvThreads threads = ConvThreads::Any);

struct ConvForwardArgs {
    std::int64_t batch = 1;
    std::span<const float> x;
    std::span<const float> weights;
    std::span<const float> bias; ///< Empty: none.
    FusedActivation activation = FusedActivation::None;
    std::span<float> y;
    std::span<float> scratch;
    ConvThreads threads = ConvThreads::Any;
    /// Of y, gathered while it is in the cache: `convMomentBlocks` blocks as `MomentBlocks` lays
    /// them out. Empty: not wanted.
    std::span<float> moments{};
};
/// In how many blocks `convForward` with `ConvThreads::Any` gives moments; 0: it cannot.
[[nodiscard]] std::int64_t convMomentBlocks(const ConvGeometry& g, std::int64_t batch);
/// y = activation(x * weights + bias); cross-correlation, as Keras' Conv2D.
void convForward(Parallel& parallel, const ConvGeometry& g, const ConvForwardArgs& args);

/// A convolution and the max-pooling by 2×2 cells without overlap behind it, in one pass: the
/// values before the pooling are never stored. For geometries with even output sizes; leave the
/// last row or column out where it is odd, no pooling reads it.
struct ConvPoolArgs {
    std::int64_t batch = 1;
    std::span<const float> x;
    std::span<const float> weights;
    std::span<const float> bias; ///< Empty: none.
    FusedActivation activation = FusedActivation::None;
    std::span<float> y;                ///< Pooled.
    std::span<std::uint8_t> positions; ///< As `maxPoolForward` gives them; empty: not wanted.
    std::span<float> scratch;
    ConvThreads threads = ConvThreads::Any;
};
void convPoolForward(Parallel& parallel, const ConvGeometry& g, const ConvPoolArgs& args);
[[nodiscard]] std::int64_t convPoolScratchFloats(const ConvGeometry& g, std::int64_t batch,
                                                 ConvThreads threads = ConvThreads::Any);
/// Whether the geometry can be done so: the rows of two outputs fit a worker's memory.
[[nodiscard]] bool canConvPool(const ConvGeometry& g);

struct ConvBackwardDataArgs {
    std::int64_t batch = 1;
    std::span<const float> dy;
    std::span<const float> weights;
    /// Of a transposed convolution, by input channel of the geometry; empty: none.
    std::span<const float> bias{};
    FusedActivation activation = FusedActivation::None;
    std::span<float> dx;
    Write write = Write::Assign;
    /// Values behind a ReLU, one for each of dx: where they are not positive, dx becomes zero.
    /// Empty: none. Only with `convMasksGradient`.
    std::span<const float> passed{};
    std::span<float> scratch;
    ConvThreads threads = ConvThreads::Any;
};
/// Whether it can do so while what it has written is in the cache: not where the tasks of a pass
/// have no pixels of their own.
[[nodiscard]] bool convMasksGradient(const ConvGeometry& g);
/// dx: the gradient by the input. Also the forward pass of a transposed convolution.
void convBackwardData(Parallel& parallel, const ConvGeometry& g, const ConvBackwardDataArgs& args);

struct ConvBackwardWeightsArgs {
    std::int64_t batch = 1;
    std::span<const float> x;
    std::span<const float> dy;
    std::span<float> dw;
    std::span<float> db; ///< Empty: not wanted.
    Write write = Write::Assign;
    std::span<float> scratch;
    ConvThreads threads = ConvThreads::Any;
};
/// dw and db: the gradients by weights and bias, summed over the batch.
void convBackwardWeights(Parallel& parallel, const ConvGeometry& g,
                         const ConvBackwardWeightsArgs& args);

} // namespace nn
