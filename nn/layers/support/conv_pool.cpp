#include "nn/layers/support/conv_pool.h"

#include "nn/exec/part_kernel.h"
#include "nn/kernels/square_pooling.h"

#include <algorithm>

namespace nn {

namespace {

class ConvPoolKernel final : public PartKernel {
public:
    explicit ConvPoolKernel(const ConvPart& conv)
        : m_geometry(conv.geometry), m_hasBias(conv.hasBias), m_relu(conv.relu) {
        // What no window reads need not be computed, and its gradient is zero.
        m_geometry.outHeight -= m_geometry.outHeight % 2;
        m_geometry.outWidth -= m_geometry.outWidth % 2;
        m_pool = {.inHeight = m_geometry.outHeight,
                  .inWidth = m_geometry.outWidth,
                  .channels = m_geometry.outChannels,
                  .outHeight = m_geometry.outHeight / 2,
                  .outWidth = m_geometry.outWidth / 2,
                  .poolHeight = 2,
                  .poolWidth = 2,
                  .strideHeight = 2,
                  .strideWidth = 2};
    }

    [[nodiscard]] KernelMemory memory(std::int64_t batch, Phase phase) const override {
        return memoryFor(batch, phase, ConvThreads::Any);
    }
    [[nodiscard]] KernelMemory partMemory(std::int64_t batch, Phase phase) const override {
        return memoryFor(batch, phase, ConvThreads::One);
    }
    void forward(const ForwardArgs& args) const override { forward(args, ConvThreads::Any); }
    void forwardPart(const ForwardArgs& args) const override { forward(args, ConvThreads::One); }
    void backward(const BackwardArgs& args) const override { backward(args, ConvThreads::Any); }
    void backwardPart(const BackwardArgs& args) const override { backward(args, ConvThreads::One); }

    [[nodiscard]] bool backwardReadsOutput() const override { return m_relu; }
    [[nodiscard]] bool addsInputGradient() const override { return true; }
    [[nodiscard]] bool doesGradientOf(const Activation& before) const override {
        return convDoesGradientOf(m_geometry, before);
    }

private:
    [[nodiscard]] KernelMemory memoryFor(std::int64_t batch, Phase phase,
                                         ConvThreads threads) const {
        KernelMemory memory{.scratchFloats = convPoolScratchFloats(m_geometry, batch, threads)};
        if (phase == Phase::Training) {
            memory.savedBytes = maxPoolPositionBytes(m_pool, batch);
            memory.scratchFloats = std::max(
                memory.scratchFloats,
                gradientFloats(batch) +
                    std::max(convBackwardDataScratchFloats(m_geometry, batch, threads),
                             convBackwardWeightsScratchFloats(m_geometry, batch, threads)));
        }
        return memory;
    }

    void forward(const ForwardArgs& args, ConvThreads threads) const {
        const bool keeps = args.phase == Phase::Training;
        auto* const positions = reinterpret_cast<std::uint8_t*>(args.saved.data());
        convPoolForward(*args.parallel, m_geometry,
                        {.batch = args.batch,
                         .x = args.inputs[0],
                         .weights = args.weights[0],
                         .bias = m_hasBias ? args.weights[1] : std::span<const float>{},
                         .activation = m_relu ? FusedActivation::Relu : FusedActivation::None,
                         .y = args.output,
                         .positions = keeps ? std::span(positions, args.saved.size())
                                            : std::span<std::uint8_t>{},
                         .scratch = args.scratch,
                         .threads = threads});
    }

    void backward(const BackwardArgs& args, ConvThreads threads) const {
        const auto floats = static_cast<std::size_t>(gradientFloats(args.batch));
        const std::span<float> gradient = args.scratch.first(floats);
        const std::span<float> scratch = args.scratch.subspan(floats);
        const auto* const positions = reinterpret_cast<const std::uint8_t*>(args.saved.data());
        unpoolSquares(*args.parallel, m_pool,
                      {.batch = args.batch,
                       .dy = args.outputGradient,
                       .y = args.output,
                       .relu = m_relu,
                       .positions = {positions, args.saved.size()},
                       .dx = gradient});
        if (!args.weightGradients[0].empty()) {
            convBackwardWeights(*args.parallel, m_geometry,
                                {.batch = args.batch,
                                 .x = args.inputs[0],
                                 .dy = gradient,
                                 .dw = args.weightGradients[0],
                                 .db = m_hasBias ? args.weightGradients[1] : std::span<float>{},
                                 .scratch = scratch,
                                 .threads = threads});
        }
        if (!args.inputGradients[0].empty()) {
            convBackwardData(*args.parallel, m_geometry,
                             {.batch = args.batch,
                              .dy = gradient,
                              .weights = args.weights[0],
                              .dx = args.inputGradients[0],
                              .write = args.addsInputGradient ? Write::Add : Write::Assign,
                              .passed = passedValues(args),
                              .scratch = scratch,
                              .threads = threads});
        }
    }

    /// Of the gradient before the pooling; what follows it begins at a cache line.
    [[nodiscard]] std::int64_t gradientFloats(std::int64_t batch) const {
        constexpr std::int64_t line = 16;
        return (batch * m_geometry.outputFloats() + line - 1) / line * line;
    }

    ConvGeometry m_geometry;
    PoolGeometry m_pool;
    bool m_hasBias;
    bool m_relu;
};

} // namespace

bool convDoesGradientOf(const ConvGeometry& g, const Activation& before) {
    return before == Activation{ActivationKind::Relu} && convMasksGradient(g);
}

std::span<const float> passedValues(const BackwardArgs& args) {
    return args.inputActivation == Activation{} ? std::span<const float>{} : args.inputs[0];
}

std::shared_ptr<const Kernel> convPoolKernel(const ConvPart& conv, const Kernel& reader) {
    const auto* const pool = dynamic_cast<const MaxPoolingSize*>(&reader);
    if (pool == nullptr || !isSquare(pool->maxPooling()) || !canConvPool(conv.geometry)) {
        return nullptr;
    }
    return std::make_shared<ConvPoolKernel>(conv);
}

} // namespace nn
