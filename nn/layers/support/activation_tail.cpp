#include "nn/layers/support/activation_tail.h"

#include "nn/layers/support/copies.h"

namespace nn {

Activation activationOf(ActivationName name) {
    switch (name) {
    case ActivationName::Linear:
    case ActivationName::Softmax:
        return {ActivationKind::Linear};
    case ActivationName::Relu:
        return {ActivationKind::Relu};
    case ActivationName::Sigmoid:
        return {ActivationKind::Sigmoid};
    case ActivationName::Tanh:
        return {ActivationKind::Tanh};
    case ActivationName::Elu:
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
    }
    return {};
}

ActivationTail::ActivationTail(ActivationName name, const Shape& output)
    : m_name(name), m_function(activationOf(name)), m_values(output.count()),
      m_classes(output.rank() == 0 ? 1 : output.back()) {}

bool ActivationTail::keepsInput() const {
    return m_function.kind != ActivationKind::Linear &&
           activationBackwardReads(m_function) == BackwardReads::Input;
}

std::int64_t ActivationTail::savedBytes(std::int64_t batch) const {
    return keepsInput() ? saturatedProduct({batch, m_values, sizeof(float)}) : 0;
}

bool ActivationTail::backwardReadsOutput() const {
    return m_name != ActivationName::Linear && !keepsInput();
}

SoftmaxGeometry ActivationTail::softmaxGeometry(std::int64_t batch) const {
    return {batch * (m_values / m_classes), m_classes};
}

std::span<float> ActivationTail::target(const ForwardArgs& args) const {
    const bool keeps = args.phase == Phase::Training && keepsInput();
    return keeps ? savedFloats(args.saved).first(args.output.size()) : args.output;
}

void ActivationTail::forward(const ForwardArgs& args) const {
    if (m_name == ActivationName::Softmax) {
        if (args.form == OutputForm::Activated) {
            softmaxForward(*args.parallel, softmaxGeometry(args.batch), args.output, args.output);
        }
    } else if (m_name != ActivationName::Linear && fused() == FusedActivation::None) {
        activationForward(*args.parallel, m_function, target(args), args.output);
    }
}

void ActivationTail::backward(const BackwardArgs& args) const {
    const std::span<float> gradient = args.outputGradient;
    if (m_name == ActivationName::Softmax) {
        if (args.form == OutputForm::Activated) {
            softmaxBackward(*args.parallel, softmaxGeometry(args.batch), args.output, gradient,
                            gradient);
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
