#include "nn/exec/fusion.h"
#include "nn/kernels/add_relu.h"
#include "nn/kernels/elementwise.h"
#include "nn/layers/support/broadcast.h"
#include "nn/layers/support/copies.h"
#include "nn/layers/support/shapes.h"
#include "nn/layers/support/value_kernels.h"

#include <algorithm>

namespace nn::layers {

namespace {

struct Add {};
using Definition = DefineLayer<Add>;

Definition::Shaped shapeOf(const Add& /*options*/, Definition::Inputs inputs) {
    return broadcastShape("Add", inputs);
}

LayerCost costOf(const Add& /*options*/, Definition::Inputs inputs, const Shape& output) {
    return {.otherOperations = saturatedProduct(
                {elementsOrZero(output), static_cast<std::int64_t>(inputs.size()) - 1})};
}

/// Inputs of one shape and the ReLU behind the layer.
class AddReluKernel final : public PartKernel {
public:
    [[nodiscard]] KernelMemory memory(std::int64_t /*batch*/, Phase /*phase*/) const override {
        return {};
    }
    void forward(const ForwardArgs& args) const override {
        addRelu(*args.parallel, args.inputs, args.output);
    }
    void backward(const BackwardArgs& args) const override {
        addReluBackward(*args.parallel, args.output, args.outputGradient, args.inputGradients);
    }
    [[nodiscard]] bool backwardReadsInputs() const override { return false; }
};

class AddKernel final : public FusingKernel {
public:
    AddKernel(Definition::Inputs inputs, const Shape& output)
        : m_allEqual(
              std::ranges::all_of(inputs, [&](const Shape& input) { return input == output; })) {
        for (const Shape& input : inputs) {
            m_stretches.push_back(input == output
                                      ? std::nullopt
                                      : std::optional<Broadcast>(std::in_place, input, output));
        }
    }

    [[nodiscard]] KernelMemory memory(std::int64_t /*batch*/, Phase /*phase*/) const override {
        return {};
    }
    void forward(const ForwardArgs& args) const override {
        if (m_allEqual) {
            addAll(*args.parallel, args.inputs, args.output);
            return;
        }
        fill(*args.parallel, 0.0F, args.output);
        for (std::size_t port = 0; port < m_stretches.size(); ++port) {
            if (m_stretches[port]) {
                m_stretches[port]->add(*args.parallel, args.batch, args.inputs[port], args.output);
            } else {
                accumulate(*args.parallel, args.inputs[port], args.output);
            }
        }
    }
    void backward(const BackwardArgs& args) const override {
        for (std::size_t port = 0; port < m_stretches.size(); ++port) {
            const std::span<float> gradient = args.inputGradients[port];
            if (gradient.empty()) {
                continue;
            }
            if (m_stretches[port]) {
                m_stretches[port]->sum(*args.parallel, args.batch, args.outputGradient, gradient);
            } else {
                copyValues(*args.parallel, args.outputGradient, gradient);
            }
        }
    }
    [[nodiscard]] bool backwardReadsInputs() const override { return false; }
    [[nodiscard]] bool backwardReadsOutput() const override { return false; }
    [[nodiscard]] bool runsInParts(Phase /*phase*/) const override { return m_allEqual; }
    [[nodiscard]] std::shared_ptr<const Kernel> fusedWith(const Kernel& reader) const override {
        return m_allEqual && isPlainRelu(reader) ? std::make_shared<AddReluKernel>() : nullptr;
    }

private:
    std::vector<std::optional<Broadcast>> m_stretches; ///< By port; nothing for equal shapes.
    bool m_allEqual;
};

std::shared_ptr<const Kernel> kernelOf(const Add& /*options*/, Definition::Inputs inputs,
                                       const Shape& output) {
    return std::make_shared<AddKernel>(inputs, output);
}

} // namespace

LayerDef add() {
    return Definition("Add", Category::Merging, "Sums several inputs value by value.")
        .formulas("along each axis the largest size of the inputs; the others must be equal or 1")
        .help("Adds its inputs position by position; their shapes must be equal (an axis of size 1 "
              "is repeated to fit). The heart of residual networks: a shortcut around some layers "
              "is added to their result, so these need to learn only the difference, and gradients "
              "have a direct way back. No weights.")
        .arity({.min = 2, .max = kManyInputs})
        .shape(shapeOf)
        .kernel(kernelOf)
        .cost(costOf)
        .example({{5, 4, 3}, {5, 4, 3}});
}

} // namespace nn::layers
