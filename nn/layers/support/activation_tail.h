#pragma once

#include "nn/exec/kernel.h"
#include "nn/kernels/activation.h"
#include "nn/kernels/common.h"
#include "nn/layers/support/choices.h"

#include <optional>

namespace nn {

/// The kernel's function of a name; those that work on whole rows, like softmax, give linear.
[[nodiscard]] Activation activationOf(ActivationName name);

/// Functions of all values along an axis.
enum class RowActivation { Softmax, LogSoftmax, Sparsemax };
[[nodiscard]] std::optional<RowActivation> rowActivationOf(ActivationName name);

/// y = f(x) in each row; y may be x.
void rowActivationForward(Parallel& parallel, RowActivation function, const SoftmaxGeometry& g,
                          std::span<const float> x, std::span<float> y);
/// All three need only their output; dx may be dy.
struct RowGradient {
    std::span<const float> y;
    std::span<const float> dy;
    std::span<float> dx;
};
void rowActivationBackward(Parallel& parallel, RowActivation function, const SoftmaxGeometry& g,
                           const RowGradient& gradient);

/// The activation with which a layer ends: works on the layer's own output, in place.
class ActivationTail {
public:
    /// `output` is the layer's output without batch.
    ActivationTail(ActivationName name, const Shape& output);

    /// What the product before it should apply itself.
    [[nodiscard]] FusedActivation fused() const {
        return m_name == ActivationName::Relu ? FusedActivation::Relu : FusedActivation::None;
    }
    [[nodiscard]] bool isLinear() const { return m_name == ActivationName::Linear; }
    /// The function, if it works value by value and `backward` needs only the output.
    [[nodiscard]] std::optional<Activation> knownFromOutput() const;
    [[nodiscard]] bool endsInSoftmax() const { return m_name == ActivationName::Softmax; }
    /// Bytes to keep for `backward` besides the output.
    [[nodiscard]] std::int64_t savedBytes(std::int64_t batch) const;
    [[nodiscard]] bool backwardReadsOutput() const;

    /// Where the product writes: the output, or `saved` when its values are needed later.
    [[nodiscard]] std::span<float> target(const ForwardArgs& args) const;
    /// Completes the output from what `target` holds.
    void forward(const ForwardArgs& args) const;
    /// Turns the gradient with respect to the output into that with respect to the product.
    void backward(const BackwardArgs& args) const;

private:
    [[nodiscard]] SoftmaxGeometry rowGeometry(std::int64_t batch) const;
    [[nodiscard]] bool keepsInput() const;

    ActivationName m_name;
    Activation m_function;
    std::optional<RowActivation> m_rows;
    std::int64_t m_values;
    std::int64_t m_classes;
};

} // namespace nn
