#include "nn/layers/support/separable_kernel.h"

#include "nn/kernels/depthwise.h"
#include "nn/layers/support/copies.h"
#include "nn/layers/support/shapes.h"

#include <algorithm>

namespace nn {

namespace {

ConvGeometry pointwiseGeometry(const ConvGeometry& depthwise, std::int64_t filters) {
    return {.inHeight = depthwise.outHeight,
            .inWidth = depthwise.outWidth,
            .inChannels = depthwise.outChannels,
            .outHeight = depthwise.outHeight,
            .outWidth = depthwise.outWidth,
            .outChannels = filters};
}

/// What lies between the two convolutions is kept for the backward pass, behind what the
/// activation keeps.
class SeparableKernel final : public Kernel {
public:
    SeparableKernel(const ConvGeometry& depthwise, std::int64_t filters, const ActivationTail& tail,
                    bool hasBias)
        : m_depthwise(depthwise), m_pointwise(pointwiseGeometry(depthwise, filters)), m_tail(tail),
          m_hasBias(hasBias) {}

    [[nodiscard]] KernelMemory memory(std::int64_t batch, Phase phase) const override {
        const std::int64_t forward = std::max(depthwiseForwardScratchFloats(m_depthwise, batch),
                                              convForwardScratchFloats(m_pointwise, batch));
        if (phase == Phase::Inference) {
            return {.scratchFloats = betweenFloats(batch) + forward};
        }
        const std::int64_t backward =
            std::max({depthwiseBackwardDataScratchFloats(m_depthwise, batch),
                      depthwiseBackwardWeightsScratchFloats(m_depthwise, batch),
                      convBackwardDataScratchFloats(m_pointwise, batch),
                      convBackwardWeightsScratchFloats(m_pointwise, batch)});
        return {.savedBytes = tailBytes(batch) + betweenFloats(batch) * kFloatBytes,
                .scratchFloats = std::max(forward, betweenFloats(batch) + backward)};
    }

    void forward(const ForwardArgs& args) const override {
        const auto count = static_cast<std::size_t>(betweenFloats(args.batch));
        const bool keeps = args.phase == Phase::Training;
        const std::span<float> between =
            keeps ? savedFloats(args.saved).subspan(tailFloats(args.batch), count)
                  : args.scratch.first(count);
        const std::span<float> scratch = keeps ? args.scratch : args.scratch.subspan(count);
        depthwiseForward(*args.parallel, m_depthwise,
                         {.batch = args.batch,
                          .x = args.inputs[0],
                          .weights = args.weights[0],
                          .bias = {},
                          .y = between,
                          .scratch = scratch});
        convForward(*args.parallel, m_pointwise,
                    {.batch = args.batch,
                     .x = between,
                     .weights = args.weights[1],
                     .bias = m_hasBias ? args.weights[2] : std::span<const float>{},
                     .activation = m_tail.fused(),
                     .y = m_tail.target(args),
                     .scratch = scratch});
        m_tail.forward(args);
    }

    void backward(const BackwardArgs& args) const override {
        m_tail.backward(args);
        const auto count = static_cast<std::size_t>(betweenFloats(args.batch));
        const std::span<float> scratch = args.scratch.subspan(count);
        if (!args.weightGradients[1].empty()) {
            convBackwardWeights(
                *args.parallel, m_pointwise,
                {.batch = args.batch,
                 .x = savedFloats(args.saved).subspan(tailFloats(args.batch), count),
                 .dy = args.outputGradient,
                 .dw = args.weightGradients[1],
                 .db = m_hasBias ? args.weightGradients[2] : std::span<float>{},
                 .scratch = scratch});
        }
        const bool wantsData = !args.inputGradients[0].empty();
        const bool wantsWeights = !args.weightGradients[0].empty();
        if (!wantsData && !wantsWeights) {
            return;
        }
        const std::span<float> between = args.scratch.first(count);
        convBackwardData(*args.parallel, m_pointwise,
                         {.batch = args.batch,
                          .dy = args.outputGradient,
                          .weights = args.weights[1],
                          .dx = between,
                          .scratch = scratch});
        if (wantsWeights) {
            depthwiseBackwardWeights(*args.parallel, m_depthwise,
                                     {.batch = args.batch,
                                      .x = args.inputs[0],
                                      .dy = between,
                                      .dw = args.weightGradients[0],
                                      .db = {},
                                      .scratch = scratch});
        }
        if (wantsData) {
            depthwiseBackwardData(*args.parallel, m_depthwise,
                                  {.batch = args.batch,
                                   .dy = between,
                                   .weights = args.weights[0],
                                   .dx = args.inputGradients[0],
                                   .scratch = scratch});
        }
    }

    [[nodiscard]] bool backwardReadsOutput() const override { return m_tail.backwardReadsOutput(); }
    [[nodiscard]] bool endsInSoftmax() const override { return m_tail.endsInSoftmax(); }

private:
    static constexpr std::int64_t kFloatBytes = sizeof(float);

    [[nodiscard]] std::int64_t betweenFloats(std::int64_t batch) const {
        return saturatedProduct({batch, m_depthwise.outputFloats()});
    }
    /// What the activation keeps, up to the next multiple of 64 bytes.
    [[nodiscard]] std::int64_t tailBytes(std::int64_t batch) const {
        return (m_tail.savedBytes(batch) + 63) / 64 * 64;
    }
    [[nodiscard]] std::size_t tailFloats(std::int64_t batch) const {
        return static_cast<std::size_t>(tailBytes(batch) / kFloatBytes);
    }

    ConvGeometry m_depthwise;
    ConvGeometry m_pointwise;
    ActivationTail m_tail;
    bool m_hasBias;
};

} // namespace

std::shared_ptr<const Kernel> separableKernel(const ConvGeometry& depthwise, std::int64_t filters,
                                              const ActivationTail& tail, bool hasBias) {
    return std::make_shared<SeparableKernel>(depthwise, filters, tail, hasBias);
}

} // namespace nn
