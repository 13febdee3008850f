#include "nn/kernels/pooling.h"
#include "nn/layers/support/pooling.h"

namespace nn::layers {

namespace {

class AveragePooling2DKernel final : public Kernel {
public:
    explicit AveragePooling2DKernel(const PoolGeometry& geometry) : m_geometry(geometry) {}

    [[nodiscard]] KernelMemory memory(std::int64_t /*batch*/, Phase /*phase*/) const override {
        return {};
    }
    void forward(const ForwardArgs& args) const override {
        averagePoolForward(*args.parallel, m_geometry,
                           {.batch = args.batch, .x = args.inputs[0], .y = args.output});
    }
    void backward(const BackwardArgs& args) const override {
        if (!args.inputGradients[0].empty()) {
            averagePoolBackward(
                *args.parallel, m_geometry,
                {.batch = args.batch, .dy = args.outputGradient, .dx = args.inputGradients[0]});
        }
    }
    [[nodiscard]] bool backwardReadsInputs() const override { return false; }
    [[nodiscard]] bool backwardReadsOutput() const override { return false; }

private:
    PoolGeometry m_geometry;
};

} // namespace

LayerDef average_pooling2d() {
    return definePooling("AveragePooling2D", "Replaces each small window by its mean value.")
        .help("A window slides over each channel, and each window is replaced by the mean of its "
              "values. Smoother than MaxPooling2D: it keeps how much of a pattern there is, where "
              "max pooling keeps the strongest. With the default 2×2 window height and width "
              "halve. Padding is not counted in the mean. No weights; next to no arithmetic.")
        .kernel([](const Pooling& options, DefineLayer<Pooling>::Inputs inputs,
                   const Shape& output) -> std::shared_ptr<const Kernel> {
            return std::make_shared<AveragePooling2DKernel>(
                poolGeometry(options, inputs[0], output));
        })
        .cost([](const Pooling& options, DefineLayer<Pooling>::Inputs /*inputs*/,
                 const Shape& output) { return poolingCost(options, output); });
}

} // namespace nn::layers
