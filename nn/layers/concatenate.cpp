#include "nn/exec/kernel.h"
#include "nn/kernels/elementwise.h"
#include "nn/layers/support/shapes.h"

namespace nn::layers {

namespace {

struct Concatenate {
    std::int64_t axis = -1;
};
using Definition = DefineLayer<Concatenate>;

Definition::Shaped shapeOf(const Concatenate& options, Definition::Inputs inputs) {
    const Shape& first = inputs[0];
    const auto axis = axisIndex(options.axis, first.rank());
    if (!axis) {
        return tl::unexpected(axisProblem("Concatenate", options.axis, first));
    }
    Shape output = first;
    for (const Shape& input : inputs.subspan(1)) {
        bool fits = input.rank() == first.rank();
        for (std::size_t i = 0; fits && i < first.rank(); ++i) {
            fits = i == *axis || input[i] == output[i] || input[i] == kUnknown ||
                   output[i] == kUnknown;
        }
        if (!fits) {
            return layerProblem("Concatenate needs inputs that are equal in all axes but axis " +
                                std::to_string(options.axis) + ", but it has " + shapeText(first) +
                                " and " + shapeText(input) +
                                ". Change strides or padding in one of the branches.");
        }
        for (std::size_t i = 0; i < first.rank(); ++i) {
            if (i != *axis) {
                output[i] = output[i] == kUnknown ? input[i] : output[i];
            } else if (output[i] != kUnknown) {
                output[i] = input[i] == kUnknown ? kUnknown : output[i] + input[i];
            }
        }
    }
    if (auto problem = sizeProblem("Concatenate", "its output", output, {})) {
        return tl::unexpected(*problem);
    }
    return output;
}

class ConcatenateKernel final : public Kernel {
public:
    explicit ConcatenateKernel(std::vector<AxisSplit> inputs) : m_inputs(std::move(inputs)) {
        for (const AxisSplit& input : m_inputs) {
            m_rowFloats += input.extent * input.inner;
        }
    }

    [[nodiscard]] KernelMemory memory(std::int64_t /*batch*/, Phase /*phase*/) const override {
        return {};
    }
    void forward(const ForwardArgs& args) const override {
        std::int64_t offset = 0;
        for (std::size_t port = 0; port < m_inputs.size(); ++port) {
            const std::int64_t length = m_inputs[port].extent * m_inputs[port].inner;
            copyStrided(*args.parallel,
                        {.rows = args.batch * m_inputs[port].outer,
                         .length = length,
                         .sourceStride = length,
                         .targetStride = m_rowFloats},
                        args.inputs[port], args.output.subspan(static_cast<std::size_t>(offset)));
            offset += length;
        }
    }
    void backward(const BackwardArgs& args) const override {
        std::int64_t offset = 0;
        for (std::size_t port = 0; port < m_inputs.size(); ++port) {
            const std::int64_t length = m_inputs[port].extent * m_inputs[port].inner;
            if (!args.inputGradients[port].empty()) {
                copyStrided(*args.parallel,
                            {.rows = args.batch * m_inputs[port].outer,
                             .length = length,
                             .sourceStride = m_rowFloats,
                             .targetStride = length},
                            args.outputGradient.subspan(static_cast<std::size_t>(offset)),
                            args.inputGradients[port]);
            }
            offset += length;
        }
    }
    [[nodiscard]] bool backwardReadsInputs() const override { return false; }
    [[nodiscard]] bool backwardReadsOutput() const override { return false; }

private:
    std::vector<AxisSplit> m_inputs;
    std::int64_t m_rowFloats = 0;
};

std::shared_ptr<const Kernel> kernelOf(const Concatenate& options, Definition::Inputs inputs,
                                       const Shape& output) {
    std::vector<AxisSplit> splits;
    for (const Shape& input : inputs) {
        splits.push_back(splitAround(input, *axisIndex(options.axis, output.rank())));
    }
    return std::make_shared<ConcatenateKernel>(std::move(splits));
}

} // namespace

LayerDef concatenate() {
    return Definition("Concatenate", Category::Merging,
                      "Puts several inputs side by side, usually their channels.")
        .formulas("as the inputs; the sizes of the axis are added up")
        .help("Joins its inputs along one axis and changes no value: images with 16 and 32 "
              "channels become one with 48. It lets a later layer choose between the results of "
              "several branches (Inception) or reuse earlier ones (DenseNet, U-Net). All other "
              "axes must be equal. No weights, but the layer behind it grows with the channels.")
        .arity({.min = 2, .max = kManyInputs})
        .param(&Concatenate::axis, "axis",
               axisDetail("The axis along which inputs are joined. -1 is the last one, the "
                          "channels; 1 and 2 are height and width; 0, the batch, is not allowed."))
        .shape(shapeOf)
        .kernel(kernelOf)
        .example({{5, 4, 3}, {5, 4, 2}});
}

} // namespace nn::layers
