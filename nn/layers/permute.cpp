#include "nn/kernels/permute.h"
#include "nn/exec/kernel.h"
#include "nn/layers/support/shapes.h"

#include <algorithm>

namespace nn::layers {

namespace {

struct Permute {
    std::vector<std::int64_t> dims{1};
};
using Definition = DefineLayer<Permute>;

Definition::Shaped shapeOf(const Permute& options, Definition::Inputs inputs) {
    const Shape& input = inputs[0];
    std::vector<std::int64_t> sorted = options.dims;
    std::ranges::sort(sorted);
    bool fits = sorted.size() == input.rank();
    for (std::size_t i = 0; fits && i < sorted.size(); ++i) {
        fits = sorted[i] == static_cast<std::int64_t>(i) + 1;
    }
    if (!fits) {
        const std::string count = std::to_string(input.rank());
        return layerProblem("Permute needs each axis of its input once, the numbers 1 to " + count +
                                " in the new order, but was given " +
                                pythonText(ParamValue(options.dims)) + " for an input of " +
                                shapeText(input) + ".",
                            "dims");
    }
    Shape output = input;
    for (std::size_t i = 0; i < output.rank(); ++i) {
        output[i] = input[static_cast<std::size_t>(options.dims[i] - 1)];
    }
    return output;
}

class PermuteKernel final : public Kernel {
public:
    explicit PermuteKernel(Permutation permutation)
        : m_permutation(std::move(permutation)), m_inverse(m_permutation.inverse()) {}

    [[nodiscard]] KernelMemory memory(std::int64_t /*batch*/, Phase /*phase*/) const override {
        return {};
    }
    void forward(const ForwardArgs& args) const override {
        m_permutation.run(*args.parallel, args.batch, args.inputs[0], args.output);
    }
    void backward(const BackwardArgs& args) const override {
        if (!args.inputGradients[0].empty()) {
            m_inverse.run(*args.parallel, args.batch, args.outputGradient, args.inputGradients[0]);
        }
    }
    [[nodiscard]] bool backwardReadsInputs() const override { return false; }
    [[nodiscard]] bool backwardReadsOutput() const override { return false; }
    [[nodiscard]] bool isIdentity(Phase /*phase*/) const override {
        return m_permutation.isIdentity();
    }

private:
    Permutation m_permutation;
    Permutation m_inverse;
};

std::shared_ptr<const Kernel> kernelOf(const Permute& options, Definition::Inputs inputs,
                                       const Shape& /*output*/) {
    std::vector<std::size_t> order;
    for (const std::int64_t axis : options.dims) {
        order.push_back(static_cast<std::size_t>(axis - 1));
    }
    return std::make_shared<PermuteKernel>(Permutation(inputs[0], order));
}

} // namespace

LayerDef permute() {
    return Definition("Permute", Category::Reshaping, "Exchanges the axes of its input.")
        .help("Puts the axes in another order: dims (2, 1, 3) turns an image of height × width × "
              "channels on its diagonal, (3, 1, 2) puts the channels in front. Values move, none "
              "changes. Needed where data come in another order than the layers here want, which "
              "is height, width, channels. No weights.")
        .formulas("axis i = axis dims[i] of the input")
        .param(&Permute::dims, "dims",
               {.min = 1,
                .max = 8,
                .step = 1,
                .help = "The axes of the input in their new order, counted from 1; the batch is "
                        "not among them.",
                .required = true})
        .shape(shapeOf)
        .kernel(kernelOf)
        .example({{4, 3, 2}}, {{"dims", std::vector<std::int64_t>{3, 1, 2}}});
}

} // namespace nn::layers
