#include "nn/layers/support/value_kernels.h"

#include "nn/exec/part_kernel.h"
#include "nn/kernels/row_activation.h"

namespace nn {

namespace {

class ActivationKernel final : public PartKernel {
public:
    explicit ActivationKernel(const Activation& function)
        : m_function(function), m_reads(activationBackwardReads(function)) {}

    [[nodiscard]] KernelMemory memory(std::int64_t /*batch*/, Phase /*phase*/) const override {
        return {};
    }
    void forward(const ForwardArgs& args) const override {
        activationForward(*args.parallel, m_function, args.inputs[0], args.output);
    }
    void backward(const BackwardArgs& args) const override {
        if (!args.inputGradients[0].empty()) {
            activationBackward(*args.parallel, m_function,
                               {.x = args.inputs[0],
                                .y = args.output,
                                .dy = args.outputGradient,
                                .dx = args.inputGradients[0]});
        }
    }
    [[nodiscard]] bool backwardReadsInputs() const override {
        return m_reads == BackwardReads::Input;
    }
    [[nodiscard]] bool backwardReadsOutput() const override {
        return m_reads == BackwardReads::Output;
    }
    [[nodiscard]] bool runsInPlace() const override { return true; }
    [[nodiscard]] const Activation& function() const { return m_function; }

private:
    Activation m_function;
    BackwardReads m_reads;
};

class RowActivationKernel final : public Kernel {
public:
    RowActivationKernel(RowActivation function, const AxisSplit& split)
        : m_function(function), m_split(split) {}

    [[nodiscard]] KernelMemory memory(std::int64_t batch, Phase /*phase*/) const override {
        const std::int64_t values =
            saturatedProduct({batch, m_split.outer, m_split.extent, m_split.inner});
        return {.scratchFloats = isLastAxis() ? 0 : saturatedProduct({2, values})};
    }

    void forward(const ForwardArgs& args) const override {
        if (args.form == OutputForm::Logits) {
            copyValues(*args.parallel, args.inputs[0], args.output);
        } else if (isLastAxis()) {
            rowActivationForward(*args.parallel, m_function, geometry(args.batch), args.inputs[0],
                                 args.output);
        } else {
            const std::span<float> turned = args.scratch.first(args.output.size());
            toLastAxis(*args.parallel, m_split, args.batch, args.inputs[0], turned);
            rowActivationForward(*args.parallel, m_function, geometry(args.batch), turned, turned);
            fromLastAxis(*args.parallel, m_split, args.batch, turned, args.output);
        }
    }

    void backward(const BackwardArgs& args) const override {
        const std::span<float> gradient = args.inputGradients[0];
        if (gradient.empty()) {
            return;
        }
        if (args.form == OutputForm::Logits) {
            copyValues(*args.parallel, args.outputGradient, gradient);
        } else if (isLastAxis()) {
            rowActivationBackward(*args.parallel, m_function, geometry(args.batch),
                                  {.y = args.output, .dy = args.outputGradient, .dx = gradient});
        } else {
            const std::span<float> output = args.scratch.first(gradient.size());
            const std::span<float> turned = args.scratch.subspan(gradient.size(), gradient.size());
            toLastAxis(*args.parallel, m_split, args.batch, args.output, output);
            toLastAxis(*args.parallel, m_split, args.batch, args.outputGradient, turned);
            rowActivationBackward(*args.parallel, m_function, geometry(args.batch),
                                  {.y = output, .dy = turned, .dx = turned});
            fromLastAxis(*args.parallel, m_split, args.batch, turned, gradient);
        }
    }

    [[nodiscard]] bool backwardReadsInputs() const override { return false; }
    [[nodiscard]] bool runsInPlace() const override { return true; }
    [[nodiscard]] bool endsInSoftmax() const override {
        return m_function == RowActivation::Softmax && isLastAxis();
    }

private:
    [[nodiscard]] bool isLastAxis() const { return m_split.inner == 1; }
    [[nodiscard]] SoftmaxGeometry geometry(std::int64_t batch) const {
        return {batch * m_split.outer * m_split.inner, m_split.extent};
    }

    RowActivation m_function;
    AxisSplit m_split;
};

class GluKernel final : public Kernel {
public:
    explicit GluKernel(const SoftmaxGeometry& sample) : m_sample(sample) {}

    [[nodiscard]] KernelMemory memory(std::int64_t /*batch*/, Phase /*phase*/) const override {
        return {};
    }
    void forward(const ForwardArgs& args) const override {
        gluForward(*args.parallel, ofBatch(args.batch), args.inputs[0], args.output);
    }
    void backward(const BackwardArgs& args) const override {
        if (!args.inputGradients[0].empty()) {
            gluBackward(*args.parallel, ofBatch(args.batch), args.inputs[0], args.outputGradient,
                        args.inputGradients[0]);
        }
    }
    [[nodiscard]] bool backwardReadsOutput() const override { return false; }

private:
    [[nodiscard]] SoftmaxGeometry ofBatch(std::int64_t batch) const {
        return {batch * m_sample.rows, m_sample.classes};
    }

    SoftmaxGeometry m_sample;
};

} // namespace

std::shared_ptr<const Kernel> activationKernel(const Activation& function) {
    return std::make_shared<ActivationKernel>(function);
}

bool isPlainRelu(const Kernel& kernel) {
    const auto* const activation = dynamic_cast<const ActivationKernel*>(&kernel);
    return activation != nullptr &&
           activation->function() == Activation{.kind = ActivationKind::Relu};
}

std::shared_ptr<const Kernel> rowActivationKernel(RowActivation function, const AxisSplit& split) {
    return std::make_shared<RowActivationKernel>(function, split);
}

std::shared_ptr<const Kernel> gluKernel(const Shape& output) {
    return std::make_shared<GluKernel>(
        SoftmaxGeometry{output.count() / output.back(), output.back()});
}

} // namespace nn
