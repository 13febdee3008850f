#include "nn/layers/support/activation_tail.h"

#include "nn/kernels/row_activation.h"
#include "nn/layers/support/copies.h"

namespace nn {

Activation activationOf(ActivationName name) {
    switch (name) {
    case ActivationName::Linear:
    case ActivationName::Softmax:
    case ActivationName::LogSoftmax:
    case ActivationName::Sparsemax:
    case ActivationName::Glu:
        return {ActivationKind::Linear};
    case ActivationName::Relu:
        return {ActivationKind::Relu};
    case ActivationName::Relu6:
        return {.kind = ActivationKind::Relu, .maxValue = 6.0F};
    case ActivationName::LeakyRelu:
        return {.kind = ActivationKind::Relu, .negativeSlope = 0.2F};
    case ActivationName::Sigmoid:
        return {ActivationKind::Sigmoid};
    case ActivationName::Tanh:
        return {ActivationKind::Tanh};
    case ActivationName::Elu:
    case ActivationName::Celu:
        return {ActivationKind::Elu};
    case ActivationName::Selu:
        return {ActivationKind::Selu};
    case ActivationName::Softplus:
        return {ActivationKind::Softplus};
    case ActivationName::Softsign:
        return {ActivationKind::Softsign};
    case ActivationName::Silu:
    case ActivationName::Swish:
        return {ActivationKind::Silu};
    case ActivationName::Gelu:
        return {ActivationKind::Gelu};
    case ActivationName::Exponential:
        return {ActivationKind::Exponential};
    case ActivationName::HardSigmoid:
        return {ActivationKind::HardSigmoid};
    case ActivationName::HardSilu:
    case ActivationName::HardSwish:
        return {ActivationKind::HardSilu};
    case ActivationName::Mish:
        return {ActivationKind::Mish};
    case ActivationName::HardTanh:
        return {ActivationKind::HardTanh};
    case ActivationName::HardShrink:
        return {ActivationKind::HardShrink};
    case ActivationName::SoftShrink:
        return {ActivationKind::SoftShrink};
    case ActivationName::TanhShrink:
        return {ActivationKind::TanhShrink};
    case ActivationName::SquarePlus:
        return {ActivationKind::SquarePlus};
    case ActivationName::LogSigmoid:
        return {ActivationKind::LogSigmoid};
    case ActivationName::SparsePlus:
        return {ActivationKind::SparsePlus};
    case ActivationName::SparseSigmoid:
        return {ActivationKind::SparseSigmoid};
    }
    return {};
}

std::optional<RowActivation> rowActivationOf(ActivationName name) {
    if (name == ActivationName::Softmax) {
        return RowActivation::Softmax;
    }
    if (name == ActivationName::LogSoftmax) {
        return RowActivation::LogSoftmax;
    }
    if (name == ActivationName::Sparsemax) {
        return RowActivation::Sparsemax;
    }
    return std::nullopt;
}

void rowActivationForward(Parallel& parallel, RowActivation function, const SoftmaxGeometry& g,
                          std::span<const float> x, std::span<float> y) {
    switch (function) {
    case RowActivation::Softmax:
        return softmaxForward(parallel, g, x, y);
    case RowActivation::LogSoftmax:
        return logSoftmaxForward(parallel, g, x, y);
    case RowActivation::Sparsemax:
        return sparsemaxForward(parallel, g, x, y);
    }
}

void rowActivationBackward(Parallel& parallel, RowActivation function, const SoftmaxGeometry& g,
                           const RowGradient& gradient) {
    const auto& [y, dy, dx] = gradient;
    switch (function) {
    case RowActivation::Softmax:
        return softmaxBackward(parallel, g, y, dy, dx);
    case RowActivation::LogSoftmax:
        return logSoftmaxBackward(parallel, g, y, dy, dx);
    case RowActivation::Sparsemax:
        return sparsemaxBackward(parallel, g, y, dy, dx);
    }
}

ActivationTail::ActivationTail(ActivationName name, const Shape& output)
    : m_name(name), m_function(activationOf(name)), m_rows(rowActivationOf(name)),
      m_values(output.count()), m_classes(output.rank() == 0 ? 1 : output.back()) {}

bool ActivationTail::keepsInput() const {
    return m_function.kind != ActivationKind::Linear &&
           activationBackwardReads(m_function) == BackwardReads::Input;
}

std::optional<Activation> ActivationTail::knownFromOutput() const {
    const bool hasSlope = m_function.kind != ActivationKind::Linear && !keepsInput();
    return hasSlope ? std::optional(m_function) : std::nullopt;
}

std::int64_t ActivationTail::savedBytes(std::int64_t batch) const {
    return keepsInput() ? saturatedProduct({batch, m_values, sizeof(float)}) : 0;
}

bool ActivationTail::backwardReadsOutput() const {
    return m_name != ActivationName::Linear && !keepsInput();
}

SoftmaxGeometry ActivationTail::rowGeometry(std::int64_t batch) const {
    return {batch * (m_values / m_classes), m_classes};
}

std::span<float> ActivationTail::target(const ForwardArgs& args) const {
    const bool keeps = args.phase == Phase::Training && keepsInput();
    return keeps ? savedFloats(args.saved).first(args.output.size()) : args.output;
}

void ActivationTail::forward(const ForwardArgs& args) const {
    if (m_rows) {
        if (args.form == OutputForm::Activated) {
            rowActivationForward(*args.parallel, *m_rows, rowGeometry(args.batch), args.output,
                                 args.output);
        }
    } else if (m_name != ActivationName::Linear && fused() == FusedActivation::None) {
        activationForward(*args.parallel, m_function, target(args), args.output);
    }
}

void ActivationTail::backward(const BackwardArgs& args) const {
    const std::span<float> gradient = args.outputGradient;
    if (m_rows) {
        if (args.form == OutputForm::Activated) {
            rowActivationBackward(*args.parallel, *m_rows, rowGeometry(args.batch),
                                  {.y = args.output, .dy = gradient, .dx = gradient});
        }
    } else if (m_name != ActivationName::Linear) {
        const std::span<const float> input = keepsInput()
                                                 ? savedFloats(args.saved).first(gradient.size())
                                                 : std::span<const float>{};
        activationBackward(*args.parallel, m_function,
                           {.x = input, .y = args.output, .dy = gradient, .dx = gradient});
    }
}

} // namespace nn
