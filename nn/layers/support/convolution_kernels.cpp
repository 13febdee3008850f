#include "nn/layers/support/convolution_kernels.h"

#include "nn/exec/fusion.h"
#include "nn/kernels/channels.h"
#include "nn/kernels/depthwise.h"
#include "nn/kernels/moments.h"
#include "nn/layers/support/activation_tail.h"
#include "nn/layers/support/conv_pool.h"
#include "nn/layers/support/separable_kernel.h"

#include <algorithm>

namespace nn {

namespace {

/// Filters that see all channels of their group.
struct PlainPasses {
    static constexpr auto forwardScratch = convForwardScratchFloats;
    static constexpr auto dataScratch = convBackwardDataScratchFloats;
    static constexpr auto weightsScratch = convBackwardWeightsScratchFloats;
    static constexpr auto forward = convForward;
    static constexpr auto backwardData = convBackwardData;
    static constexpr auto backwardWeights = convBackwardWeights;
};

/// Filters that see one channel each.
struct DepthwisePasses {
    static std::int64_t forwardScratch(const ConvGeometry& g, std::int64_t batch, ConvThreads) {
        return depthwiseForwardScratchFloats(g, batch);
    }
    static std::int64_t dataScratch(const ConvGeometry& g, std::int64_t batch, ConvThreads) {
        return depthwiseBackwardDataScratchFloats(g, batch);
    }
    static std::int64_t weightsScratch(const ConvGeometry& g, std::int64_t batch, ConvThreads) {
        return depthwiseBackwardWeightsScratchFloats(g, batch);
    }
    static constexpr auto forward = depthwiseForward;
    static constexpr auto backwardData = depthwiseBackwardData;
    static constexpr auto backwardWeights = depthwiseBackwardWeights;
};

/// A kernel with a bias and an activation at its end.
class TailedKernel : public FusingKernel {
public:
    TailedKernel(const ConvGeometry& geometry, ActivationTail tail, bool hasBias)
        : m_geometry(geometry), m_tail(tail), m_hasBias(hasBias) {}

    [[nodiscard]] bool backwardReadsOutput() const override { return m_tail.backwardReadsOutput(); }
    [[nodiscard]] bool endsInSoftmax() const override { return m_tail.endsInSoftmax(); }
    [[nodiscard]] std::shared_ptr<const Kernel> fusedWith(const Kernel& /*reader*/) const override {
        return nullptr;
    }
    [[nodiscard]] bool runsInParts(Phase /*phase*/) const override { return false; }

protected:
    [[nodiscard]] const ConvGeometry& geometry() const { return m_geometry; }
    [[nodiscard]] const ActivationTail& tail() const { return m_tail; }
    [[nodiscard]] bool hasBias() const { return m_hasBias; }
    [[nodiscard]] std::span<const float> bias(const ForwardArgs& args) const {
        return m_hasBias ? args.weights[1] : std::span<const float>{};
    }
    [[nodiscard]] std::span<float> biasGradient(const BackwardArgs& args) const {
        return m_hasBias ? args.weightGradients[1] : std::span<float>{};
    }

private:
    ConvGeometry m_geometry;
    ActivationTail m_tail;
    bool m_hasBias;
};

template <typename Passes>
class ConvolutionKernel final : public TailedKernel {
public:
    using TailedKernel::TailedKernel;

    [[nodiscard]] KernelMemory memory(std::int64_t batch, Phase phase) const override {
        return memoryFor(batch, phase, ConvThreads::Any);
    }
    void forward(const ForwardArgs& args) const override { forward(args, ConvThreads::Any); }
    void backward(const BackwardArgs& args) const override { backward(args, ConvThreads::Any); }

    [[nodiscard]] bool addsInputGradient() const override {
        return std::is_same_v<Passes, PlainPasses>;
    }
    [[nodiscard]] bool doesGradientOf(const Activation& before) const override {
        return std::is_same_v<Passes, PlainPasses> && convDoesGradientOf(geometry(), before);
    }
    [[nodiscard]] std::optional<Activation> endsIn() const override {
        return tail().knownFromOutput();
    }
    [[nodiscard]] std::int64_t momentFloats(std::int64_t batch) const override {
        return givesMoments() ? saturatedProduct({convMomentBlocks(geometry(), batch),
                                                  MomentBlocks{geometry().outChannels}.floats()})
                              : 0;
    }
    [[nodiscard]] bool runsInParts(Phase /*phase*/) const override {
        return std::is_same_v<Passes, PlainPasses> && !endsInSoftmax();
    }
    [[nodiscard]] KernelMemory partMemory(std::int64_t batch, Phase phase) const override {
        return memoryFor(batch, phase, ConvThreads::One);
    }
    void forwardPart(const ForwardArgs& args) const override { forward(args, ConvThreads::One); }
    void backwardPart(const BackwardArgs& args) const override { backward(args, ConvThreads::One); }

    [[nodiscard]] std::shared_ptr<const Kernel> fusedWith(const Kernel& reader) const override {
        const bool relu = tail().fused() == FusedActivation::Relu;
        if (!std::is_same_v<Passes, PlainPasses> || !(relu || tail().isLinear())) {
            return nullptr;
        }
        return convPoolKernel({geometry(), hasBias(), relu}, reader);
    }

private:
    /// What is gathered must be the output, not what another function makes of it.
    [[nodiscard]] bool givesMoments() const {
        return std::is_same_v<Passes, PlainPasses> &&
               (tail().isLinear() || tail().fused() != FusedActivation::None);
    }
    [[nodiscard]] KernelMemory memoryFor(std::int64_t batch, Phase phase,
                                         ConvThreads threads) const {
        KernelMemory memory{.scratchFloats = Passes::forwardScratch(geometry(), batch, threads)};
        if (phase == Phase::Training) {
            memory.savedBytes = tail().savedBytes(batch);
            memory.scratchFloats =
                std::max({memory.scratchFloats, Passes::dataScratch(geometry(), batch, threads),
                          Passes::weightsScratch(geometry(), batch, threads)});
        }
        return memory;
    }

    void forward(const ForwardArgs& args, ConvThreads threads) const {
        Passes::forward(*args.parallel, geometry(),
                        {.batch = args.batch,
                         .x = args.inputs[0],
                         .weights = args.weights[0],
                         .bias = bias(args),
                         .activation = tail().fused(),
                         .y = tail().target(args),
                         .scratch = args.scratch,
                         .threads = threads,
                         .moments = args.moments});
        tail().forward(args);
    }

    void backward(const BackwardArgs& args, ConvThreads threads) const {
        if (!args.activationDone) {
            tail().backward(args);
        }
        if (!args.weightGradients[0].empty()) {
            Passes::backwardWeights(*args.parallel, geometry(),
                                    {.batch = args.batch,
                                     .x = args.inputs[0],
                                     .dy = args.outputGradient,
                                     .dw = args.weightGradients[0],
                                     .db = biasGradient(args),
                                     .scratch = args.scratch,
                                     .threads = threads});
        }
        if (!args.inputGradients[0].empty()) {
            Passes::backwardData(*args.parallel, geometry(),
                                 {.batch = args.batch,
                                  .dy = args.outputGradient,
                                  .weights = args.weights[0],
                                  .dx = args.inputGradients[0],
                                  .write = args.addsInputGradient ? Write::Add : Write::Assign,
                                  .passed = passedValues(args),
                                  .scratch = args.scratch,
                                  .threads = threads});
        }
    }
};

/// The gradient of the convolution that the geometry describes, run forwards.
class TransposedKernel final : public TailedKernel {
public:
    using TailedKernel::TailedKernel;

    [[nodiscard]] KernelMemory memory(std::int64_t batch, Phase phase) const override {
        KernelMemory memory{.scratchFloats = convBackwardDataScratchFloats(geometry(), batch)};
        if (phase == Phase::Training) {
            memory.savedBytes = tail().savedBytes(batch);
            memory.scratchFloats =
                std::max({memory.scratchFloats, convForwardScratchFloats(geometry(), batch),
                          convBackwardWeightsScratchFloats(geometry(), batch),
                          sumToChannelsScratchFloats(outputPixels(batch), geometry().inChannels)});
        }
        return memory;
    }

    void forward(const ForwardArgs& args) const override {
        convBackwardData(*args.parallel, geometry(),
                         {.batch = args.batch,
                          .dy = args.inputs[0],
                          .weights = args.weights[0],
                          .bias = bias(args),
                          .activation = tail().fused(),
                          .dx = tail().target(args),
                          .scratch = args.scratch});
        tail().forward(args);
    }

    void backward(const BackwardArgs& args) const override {
        tail().backward(args);
        if (!args.weightGradients[0].empty()) {
            convBackwardWeights(*args.parallel, geometry(),
                                {.batch = args.batch,
                                 .x = args.outputGradient,
                                 .dy = args.inputs[0],
                                 .dw = args.weightGradients[0],
                                 .db = {},
                                 .scratch = args.scratch});
        }
        if (!biasGradient(args).empty()) {
            sumToChannels(*args.parallel, outputPixels(args.batch), args.outputGradient,
                          biasGradient(args), args.scratch);
        }
        if (!args.inputGradients[0].empty()) {
            convForward(*args.parallel, geometry(),
                        {.batch = args.batch,
                         .x = args.outputGradient,
                         .weights = args.weights[0],
                         .bias = {},
                         .y = args.inputGradients[0],
                         .scratch = args.scratch});
        }
    }

private:
    [[nodiscard]] std::int64_t outputPixels(std::int64_t batch) const {
        return batch * geometry().inHeight * geometry().inWidth;
    }
};

/// As many groups as channels: a depthwise convolution under another name.
bool isChannelwise(const ConvolutionForm& form, std::int64_t channels) {
    return form.kind == ConvolutionKind::Depthwise ||
           (form.kind == ConvolutionKind::Plain && form.groups == channels && channels > 1);
}

} // namespace

std::shared_ptr<const Kernel> convolutionKernel(const ConvolutionForm& form, const Shape& image,
                                                const Shape& output) {
    const ConvGeometry geometry = convolutionGeometry(form, image, output);
    const ActivationTail tail(form.activation, output);
    switch (form.kind) {
    case ConvolutionKind::Plain:
    case ConvolutionKind::Depthwise:
        if (isChannelwise(form, image[2])) {
            return std::make_shared<ConvolutionKernel<DepthwisePasses>>(geometry, tail,
                                                                        form.useBias);
        }
        return std::make_shared<ConvolutionKernel<PlainPasses>>(geometry, tail, form.useBias);
    case ConvolutionKind::Transposed:
        return std::make_shared<TransposedKernel>(geometry, tail, form.useBias);
    case ConvolutionKind::Separable:
        return separableKernel(geometry, form.filters, tail, form.useBias);
    }
    return nullptr;
}

} // namespace nn
