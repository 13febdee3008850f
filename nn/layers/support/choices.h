#pragma once

#include "nn/model/define_layer.h"

#include <array>
#include <string_view>

namespace nn {

/// What happens at the border of an image. Causal is for sequences: no output sees a later step.
enum class Padding { Valid, Same, Causal };

template <>
struct ChoiceNames<Padding> {
    static constexpr std::array<std::string_view, 3> names{"valid", "same", "causal"};
};

/// The activation functions a layer can be given by name. One list for all layers.
enum class ActivationName {
    Linear,
    Relu,
    Sigmoid,
    Tanh,
    Softmax,
    Elu,
    Selu,
    Softplus,
    Softsign,
    Silu,
    Swish, ///< Another name of silu.
    Gelu,
    Exponential,
    HardSigmoid,
    HardSilu,
    HardSwish, ///< Another name of hard_silu.
    Relu6,
    LeakyRelu, ///< Slope 0.2 below 0.
    Celu,
    Mish,
    HardTanh,
    HardShrink,
    SoftShrink,
    TanhShrink,
    SquarePlus,
    LogSigmoid,
    SparsePlus,
    SparseSigmoid,
    LogSoftmax,
    Sparsemax,
    Glu, ///< Halves the last axis: only in the layer Activation.
};

template <>
struct ChoiceNames<ActivationName> {
    static constexpr std::array<std::string_view, 31> names{
        "linear",      "relu",        "sigmoid",        "tanh",         "softmax",
        "elu",         "selu",        "softplus",       "softsign",     "silu",
        "swish",       "gelu",        "exponential",    "hard_sigmoid", "hard_silu",
        "hard_swish",  "relu6",       "leaky_relu",     "celu",         "mish",
        "hard_tanh",   "hard_shrink", "soft_shrink",    "tanh_shrink",  "squareplus",
        "log_sigmoid", "sparse_plus", "sparse_sigmoid", "log_softmax",  "sparsemax",
        "glu"};
};

/// Descriptions of arguments that several layers share. Leaves out glu, which changes the shape.
[[nodiscard]] ParamDetail activationDetail();
[[nodiscard]] ParamDetail useBiasDetail();
/// Padding valid or same.
[[nodiscard]] ParamDetail paddingDetail();
/// `what` is drawn before training: "the filters". Hidden while the switch `shownWhen` is off.
[[nodiscard]] ParamDetail initializerDetail(std::string_view what,
                                            const std::string& shownWhen = {});
[[nodiscard]] ParamDetail axisDetail(std::string help);

/// What an activation inside a layer costs over `values` outputs: operations and kept bytes.
[[nodiscard]] LayerCost activationCost(ActivationName name, std::int64_t values);

} // namespace nn
