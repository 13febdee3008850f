#include "nn/layers/support/merging.h"

#include "nn/kernels/elementwise.h"
#include "nn/layers/support/broadcast.h"
#include "nn/layers/support/copies.h"

namespace nn {

namespace {

class MergingKernel final : public Kernel {
public:
    MergingKernel(MergeOp op, std::span<const Shape> inputs, const Shape& output)
        : m_op(op), m_values(output.count()) {
        for (const Shape& input : inputs) {
            m_stretches.push_back(input == output
                                      ? std::nullopt
                                      : std::optional<Broadcast>(std::in_place, input, output));
            m_stretched += input == output ? 0 : 1;
        }
    }

    [[nodiscard]] KernelMemory memory(std::int64_t batch, Phase phase) const override {
        // Stretched inputs; in the backward pass also a gradient and a merged part of the inputs.
        const std::int64_t buffers = m_stretched + (phase == Phase::Training ? 2 : 0);
        return {.scratchFloats = saturatedProduct({buffers, batch, m_values})};
    }

    void forward(const ForwardArgs& args) const override {
        const Buffers buffers(*this, args.batch, args.scratch);
        const Inputs inputs = wholeInputs(args, buffers);
        if (m_op == MergeOp::Average) {
            addAll(*args.parallel, inputs, args.output);
            scale(*args.parallel, 1.0F / static_cast<float>(inputs.size()), 0.0F, args.output,
                  args.output);
            return;
        }
        merge(*args.parallel, inputs, args.output);
    }

    void backward(const BackwardArgs& args) const override {
        const Buffers buffers(*this, args.batch, args.scratch);
        switch (m_op) {
        case MergeOp::Subtract:
        case MergeOp::Average:
            return linearBackward(args, buffers);
        case MergeOp::Multiply:
            return productBackward(args, buffers);
        case MergeOp::Maximum:
        case MergeOp::Minimum:
            return winnerBackward(args, buffers);
        }
    }

    [[nodiscard]] bool backwardReadsInputs() const override {
        return m_op != MergeOp::Subtract && m_op != MergeOp::Average;
    }
    [[nodiscard]] bool backwardReadsOutput() const override { return false; }

private:
    using Inputs = std::vector<std::span<const float>>;

    /// Scratch memory: the stretched inputs, then two more buffers of the output's size.
    struct Buffers {
        Buffers(const MergingKernel& kernel, std::int64_t batch, std::span<float> scratch)
            : size(static_cast<std::size_t>(batch * kernel.m_values)), memory(scratch) {}
        [[nodiscard]] std::span<float> operator[](std::int64_t number) const {
            return memory.subspan(static_cast<std::size_t>(number) * size, size);
        }
        std::size_t size;
        std::span<float> memory;
    };

    [[nodiscard]] BinaryOp binaryOp() const {
        switch (m_op) {
        case MergeOp::Subtract:
            return BinaryOp::Subtract;
        case MergeOp::Multiply:
            return BinaryOp::Multiply;
        case MergeOp::Maximum:
            return BinaryOp::Maximum;
        case MergeOp::Minimum:
            return BinaryOp::Minimum;
        case MergeOp::Average:
            break;
        }
        return BinaryOp::Add;
    }

    /// All inputs in the shape of the output.
    template <typename Args>
    [[nodiscard]] Inputs wholeInputs(const Args& args, const Buffers& buffers) const {
        Inputs inputs(args.inputs.begin(), args.inputs.end());
        std::int64_t next = 0;
        for (std::size_t port = 0; port < inputs.size(); ++port) {
            if (m_stretches[port]) {
                const std::span<float> whole = buffers[next++];
                m_stretches[port]->expand(*args.parallel, args.batch, inputs[port], whole);
                inputs[port] = whole;
            }
        }
        return inputs;
    }

    /// The inputs from the first on, one after the other.
    void merge(Parallel& parallel, std::span<const std::span<const float>> inputs,
               std::span<float> to) const {
        std::span<const float> merged = inputs[0];
        for (const std::span<const float> input : inputs.subspan(1)) {
            binary(parallel, binaryOp(), merged, input, to);
            merged = to;
        }
        if (inputs.size() == 1) {
            copyValues(parallel, inputs[0], to);
        }
    }

    /// Where the gradient of an input in the shape of the output is written.
    [[nodiscard]] std::span<float> wholeGradient(const BackwardArgs& args, std::size_t port,
                                                 std::span<float> buffer) const {
        const bool direct = !m_stretches[port] && !args.inputGradients[port].empty();
        return direct ? args.inputGradients[port] : buffer;
    }
    void hand(const BackwardArgs& args, std::size_t port, std::span<const float> gradient) const {
        if (m_stretches[port] && !args.inputGradients[port].empty()) {
            m_stretches[port]->sum(*args.parallel, args.batch, gradient, args.inputGradients[port]);
        }
    }

    void linearBackward(const BackwardArgs& args, const Buffers& buffers) const {
        for (std::size_t port = 0; port < m_stretches.size(); ++port) {
            if (args.inputGradients[port].empty()) {
                continue;
            }
            const float share = m_op == MergeOp::Average
                                    ? 1.0F / static_cast<float>(m_stretches.size())
                                : port == 0 ? 1.0F
                                            : -1.0F;
            const std::span<float> gradient = wholeGradient(args, port, buffers[m_stretched]);
            scale(*args.parallel, share, 0.0F, args.outputGradient, gradient);
            hand(args, port, gradient);
        }
    }

    void productBackward(const BackwardArgs& args, const Buffers& buffers) const {
        const Inputs inputs = wholeInputs(args, buffers);
        for (std::size_t port = 0; port < inputs.size(); ++port) {
            if (args.inputGradients[port].empty()) {
                continue;
            }
            const std::span<float> gradient = wholeGradient(args, port, buffers[m_stretched]);
            std::span<const float> product = args.outputGradient;
            for (std::size_t other = 0; other < inputs.size(); ++other) {
                if (other != port) {
                    binary(*args.parallel, BinaryOp::Multiply, product, inputs[other], gradient);
                    product = gradient;
                }
            }
            hand(args, port, gradient);
        }
    }

    /// From the last input to the first: each wins its share of what the later ones left.
    void winnerBackward(const BackwardArgs& args, const Buffers& buffers) const {
        const Inputs inputs = wholeInputs(args, buffers);
        const std::span<float> merged = buffers[m_stretched];
        const std::span<const std::span<const float>> all(inputs);
        for (std::size_t port = inputs.size() - 1; port > 0; --port) {
            merge(*args.parallel, all.first(port), merged);
            const std::span<float> gradient = wholeGradient(args, port, buffers[m_stretched + 1]);
            splitByWinner(*args.parallel, binaryOp(),
                          {.a = merged,
                           .b = inputs[port],
                           .gradientA = args.outputGradient,
                           .gradientB = gradient});
            hand(args, port, gradient);
        }
        if (args.inputGradients[0].empty()) {
            return;
        }
        if (m_stretches[0]) {
            hand(args, 0, args.outputGradient);
        } else {
            copyValues(*args.parallel, args.outputGradient, args.inputGradients[0]);
        }
    }

    MergeOp m_op;
    std::int64_t m_values;
    std::int64_t m_stretched = 0;                      ///< How many inputs are repeated to fit.
    std::vector<std::optional<Broadcast>> m_stretches; ///< By port; nothing for equal shapes.
};

} // namespace

std::shared_ptr<const Kernel> mergingKernel(MergeOp op, std::span<const Shape> inputs,
                                            const Shape& output) {
    return std::make_shared<MergingKernel>(op, inputs, output);
}

LayerCost mergingCost(std::span<const Shape> inputs, const Shape& output) {
    return {.otherOperations = saturatedProduct(
                {elementsOrZero(output), static_cast<std::int64_t>(inputs.size()) - 1})};
}

} // namespace nn
