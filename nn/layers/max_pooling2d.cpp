#include "nn/kernels/pooling.h"
#include "nn/layers/support/pooling.h"

namespace nn::layers {

namespace {

LayerCost costOf(const Pooling& options, DefineLayer<Pooling>::Inputs /*inputs*/,
                 const Shape& output) {
    LayerCost cost = poolingCost(options, output);
    const std::int64_t cells = options.poolSize.height * options.poolSize.width;
    cost.savedBytes = elementsOrZero(output) * (cells <= 256 ? 1 : 4);
    return cost;
}

class MaxPooling2DKernel final : public Kernel {
public:
    explicit MaxPooling2DKernel(const PoolGeometry& geometry) : m_geometry(geometry) {}

    [[nodiscard]] KernelMemory memory(std::int64_t batch, Phase phase) const override {
        return {.savedBytes =
                    phase == Phase::Training ? maxPoolPositionBytes(m_geometry, batch) : 0};
    }
    void forward(const ForwardArgs& args) const override {
        const bool keeps = args.phase == Phase::Training;
        maxPoolForward(
            *args.parallel, m_geometry,
            {.batch = args.batch,
             .x = args.inputs[0],
             .y = args.output,
             .positions = keeps ? positions(args.saved, args.batch) : std::span<std::byte>{}});
    }
    void backward(const BackwardArgs& args) const override {
        if (!args.inputGradients[0].empty()) {
            maxPoolBackward(*args.parallel, m_geometry,
                            {.batch = args.batch,
                             .dy = args.outputGradient,
                             .positions = positions(args.saved, args.batch),
                             .dx = args.inputGradients[0]});
        }
    }
    [[nodiscard]] bool backwardReadsInputs() const override { return false; }
    [[nodiscard]] bool backwardReadsOutput() const override { return false; }

private:
    template <typename Byte>
    [[nodiscard]] std::span<Byte> positions(std::span<Byte> saved, std::int64_t batch) const {
        return saved.first(static_cast<std::size_t>(maxPoolPositionBytes(m_geometry, batch)));
    }

    PoolGeometry m_geometry;
};

} // namespace

LayerDef max_pooling2d() {
    return definePooling("MaxPooling2D",
                         "Keeps the largest value of each small window; halves the image.")
        .help("A window slides over each channel, and of each window only the largest value is "
              "kept: that a pattern was found matters more than where exactly. With the default "
              "2×2 window height and width halve, so later layers see more of the image and cost a "
              "quarter. No weights; next to no arithmetic.")
        .kernel([](const Pooling& options, DefineLayer<Pooling>::Inputs inputs,
                   const Shape& output) -> std::shared_ptr<const Kernel> {
            return std::make_shared<MaxPooling2DKernel>(poolGeometry(options, inputs[0], output));
        })
        .cost(costOf);
}

} // namespace nn::layers
