#include "nn/exec/kernel.h"
#include "nn/kernels/pooling.h"
#include "nn/layers/support/shapes.h"

namespace nn::layers {

namespace {

struct GlobalAveragePooling2D {
    bool keepdims = false;
};
using Definition = DefineLayer<GlobalAveragePooling2D>;

Definition::Shaped shapeOf(const GlobalAveragePooling2D& options, Definition::Inputs inputs) {
    const Shape& image = inputs[0];
    if (auto problem = imageProblem("GlobalAveragePooling2D", image)) {
        return tl::unexpected(*problem);
    }
    return options.keepdims ? Shape{1, 1, image[2]} : Shape{image[2]};
}

LayerCost costOf(const GlobalAveragePooling2D& /*options*/, Definition::Inputs inputs,
                 const Shape& /*output*/) {
    return {.otherOperations = elementsOrZero(inputs[0])};
}

Window windowOf(const GlobalAveragePooling2D& /*options*/, Definition::Inputs /*inputs*/) {
    return {.global = true};
}

class GlobalAverageKernel final : public Kernel {
public:
    GlobalAverageKernel(std::int64_t pixels, std::int64_t channels)
        : m_pixels(pixels), m_channels(channels) {}

    [[nodiscard]] KernelMemory memory(std::int64_t /*batch*/, Phase /*phase*/) const override {
        return {};
    }
    void forward(const ForwardArgs& args) const override {
        globalAverageForward(*args.parallel, {args.batch, m_pixels, m_channels}, args.inputs[0],
                             args.output);
    }
    void backward(const BackwardArgs& args) const override {
        if (!args.inputGradients[0].empty()) {
            globalAverageBackward(*args.parallel, {args.batch, m_pixels, m_channels},
                                  args.outputGradient, args.inputGradients[0]);
        }
    }
    [[nodiscard]] bool backwardReadsInputs() const override { return false; }
    [[nodiscard]] bool backwardReadsOutput() const override { return false; }

private:
    std::int64_t m_pixels;
    std::int64_t m_channels;
};

std::shared_ptr<const Kernel> kernelOf(const GlobalAveragePooling2D& /*options*/,
                                       Definition::Inputs inputs, const Shape& /*output*/) {
    const Shape& image = inputs[0];
    return std::make_shared<GlobalAverageKernel>(image[0] * image[1], image[2]);
}

} // namespace

LayerDef global_average_pooling2d() {
    return Definition("GlobalAveragePooling2D", Category::Pooling,
                      "Shrinks each channel to its mean: one number per feature map.")
        .help("Averages every channel over the whole image, so an image of any size becomes one "
              "number per channel: how much of each feature it contains. The modern way from "
              "feature maps to Dense: compared with Flatten, the Dense layer after it needs height "
              "× width times fewer weights and overfits less. No weights of its own.")
        .param(&GlobalAveragePooling2D::keepdims, "keepdims",
               {.help = "Keeps height and width as 1×1, so that layers for images can follow."})
        .shape(shapeOf)
        .kernel(kernelOf)
        .cost(costOf)
        .window(windowOf)
        .example({{5, 4, 3}});
}

} // namespace nn::layers
