#pragma once

#include "nn/base/parallel.h"

#include <cstddef>
#include <cstdint>
#include <span>

namespace nn {

/// Where the random numbers of one training step come from; equal values give equal bits.
struct StepKey {
    std::uint64_t seed = 0;
    std::uint64_t step = 0;        ///< Counts optimizer steps over the whole run.
    std::uint64_t firstSample = 0; ///< Index in the epoch of row 0 of the batch.
    std::uint32_t layer = 0;       ///< Which layer: keeps two Dropouts apart.
};

/// Memory a kernel needs besides inputs, output and weights.
struct KernelMemory {
    std::int64_t savedBytes = 0;    ///< From forward to backward (argmax, masks, statistics).
    std::int64_t scratchFloats = 0; ///< During one call, forward or backward.
};

/// One forward pass of one layer. Activations are [batch][…] in C order, images NHWC.
struct ForwardArgs {
    std::int64_t batch = 0;
    bool training = false;
    StepKey key;
    std::span<const std::span<const float>> inputs;  ///< By port.
    std::span<const std::span<const float>> weights; ///< By `WeightSpec`.
    /// While training: the same variables for layers that update statistics of their own.
    std::span<const std::span<float>> updatedWeights;
    std::span<float> output;
    std::span<std::byte> saved;
    std::span<float> scratch;
    Parallel* parallel = nullptr;
};

/// One backward pass of one layer, after a forward pass with `training` on.
struct BackwardArgs {
    std::int64_t batch = 0;
    StepKey key;
    std::span<const std::span<const float>> inputs;
    std::span<const std::span<const float>> weights;
    std::span<const float> output;
    std::span<const float> outputGradient;
    std::span<const std::byte> saved;
    /// By port; overwritten. An empty span: this gradient is not wanted.
    std::span<const std::span<float>> inputGradients;
    /// By `WeightSpec`; overwritten. Empty spans: not trainable.
    std::span<const std::span<float>> weightGradients;
    std::span<float> scratch;
    Parallel* parallel = nullptr;
};

/// The code of one layer with its shapes built in. Immutable, shared by all executors. Work is cut
/// by shape and batch only, so results do not depend on the number of threads.
class Kernel {
public:
    Kernel() = default;
    Kernel(const Kernel&) = delete;
    Kernel& operator=(const Kernel&) = delete;
    virtual ~Kernel() = default;

    [[nodiscard]] virtual KernelMemory memory(std::int64_t batch, bool training) const = 0;
    virtual void forward(const ForwardArgs& args) const = 0;
    virtual void backward(const BackwardArgs& args) const = 0;
    /// Whether `backward` reads the inputs or the output; what nobody reads need not be kept.
    [[nodiscard]] virtual bool backwardReadsInputs() const { return true; }
    [[nodiscard]] virtual bool backwardReadsOutput() const { return true; }
};

} // namespace nn
