#pragma once

#include "nn/base/parallel.h"
#include "nn/kernels/activation.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace nn {

/// Where the random numbers of one training step come from; equal values give equal bits.
struct StepKey {
    std::uint64_t seed = 0;
    std::uint64_t step = 0;        ///< Counts optimizer steps over the whole run.
    std::uint64_t firstSample = 0; ///< Index in the epoch of row 0 of the batch.
    std::uint32_t layer = 0;       ///< Which layer: keeps two Dropouts apart.
};

/// Dropout and BatchNormalization act in another way while training.
enum class Phase { Inference, Training };

/// Whether the layers at the end of a network apply their softmax or hand out the scores before it,
/// from which loss and gradient are computed more exactly and in one pass.
enum class OutputForm { Activated, Logits };

/// Memory a kernel needs besides inputs, output and weights.
struct KernelMemory {
    std::int64_t savedBytes = 0;    ///< From forward to backward (argmax, masks, statistics).
    std::int64_t scratchFloats = 0; ///< During one call, forward or backward.
};

/// One forward pass of one layer. Activations are [batch][…] in C order, images NHWC.
struct ForwardArgs {
    std::int64_t batch = 0;
    Phase phase = Phase::Inference;
    /// `Logits`: leave out the final softmax. Only for kernels with `endsInSoftmax`.
    OutputForm form = OutputForm::Activated;
    bool frozen = false; ///< The layer is not trainable: it keeps its statistics as they are.
    StepKey key;         ///< Only while training.
    std::span<const std::span<const float>> inputs;  ///< By port.
    std::span<const std::span<const float>> weights; ///< By `WeightSpec`.
    /// While training and not frozen: the same variables, for layers that update statistics.
    std::span<const std::span<float>> updatedWeights{};
    std::span<float> output;
    std::span<std::byte> saved;
    std::span<float> scratch;
    /// For the moments of the output's channels (kernels/moments.h); empty: nobody reads them.
    /// Only for kernels with `momentFloats`.
    std::span<float> moments{};
    /// Those of `inputs[0]`, if they are known. Only for kernels with `readsMoments`.
    std::span<const float> inputMoments{};
    Parallel* parallel = nullptr;
};

/// One backward pass of one layer, after a forward pass with `Phase::Training`.
struct BackwardArgs {
    std::int64_t batch = 0;
    OutputForm form = OutputForm::Activated; ///< That of the forward pass.
    bool frozen = false;
    StepKey key;
    std::span<const std::span<const float>> inputs;
    std::span<const std::span<const float>> weights;
    std::span<const float> output;
    std::span<float> outputGradient; ///< The kernel may overwrite it.
    std::span<const std::byte> saved;
    /// By port; overwritten. An empty span: this gradient is not wanted.
    std::span<const std::span<float>> inputGradients;
    /// Add to `inputGradients[0]` instead. Only for kernels with `addsInputGradient`.
    bool addsInputGradient = false;
    /// The input came out of this function: multiply `inputGradients[0]` by its slope, known from
    /// the input. Linear, or one of which the kernel says `doesGradientOf`.
    Activation inputActivation{};
    /// `outputGradient` went through the function at the layer's end already. Only for kernels with
    /// `endsIn`.
    bool activationDone = false;
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

    [[nodiscard]] virtual KernelMemory memory(std::int64_t batch, Phase phase) const = 0;
    virtual void forward(const ForwardArgs& args) const = 0;
    virtual void backward(const BackwardArgs& args) const = 0;
    /// What the layer adds to the loss for its output after `forward`. Its gradient is part of
    /// `backward`.
    [[nodiscard]] virtual double penalty(const ForwardArgs& /*args*/) const { return 0.0; }
    /// Whether `backward` reads the inputs or the output; what nobody reads need not be kept.
    [[nodiscard]] virtual bool backwardReadsInputs() const { return true; }
    [[nodiscard]] virtual bool backwardReadsOutput() const { return true; }
    /// The output is the first input bit for bit: memory is shared and no call is made.
    [[nodiscard]] virtual bool isIdentity(Phase /*phase*/) const { return false; }
    /// `output` may be the memory of `inputs[0]`, and `inputGradients[0]` that of `outputGradient`.
    [[nodiscard]] virtual bool runsInPlace() const { return false; }
    /// It has one input, to whose gradient it can add instead of overwriting it.
    [[nodiscard]] virtual bool addsInputGradient() const { return false; }
    /// It can do the gradient of such a function at the end of the layer before it while it stores
    /// its own.
    [[nodiscard]] virtual bool doesGradientOf(const Activation& /*before*/) const { return false; }
    /// The last thing it does, value by value, if its slope is known from the output: a reader can
    /// do its gradient.
    [[nodiscard]] virtual std::optional<Activation> endsIn() const { return std::nullopt; }
    /// Floats of the moments that it can gather while it writes its output during training; 0: it
    /// cannot.
    [[nodiscard]] virtual std::int64_t momentFloats(std::int64_t /*batch*/) const { return 0; }
    /// While it is trained it needs the moments of its only input.
    [[nodiscard]] virtual bool readsMoments() const { return false; }
    /// The last thing it does is a softmax along the last axis, which `OutputForm` can leave out.
    [[nodiscard]] virtual bool endsInSoftmax() const { return false; }
};

} // namespace nn
