#pragma once

#include "nn/model/define_layer.h"

#include <array>
#include <string_view>

namespace nn {

/// What happens at the border of an image.
enum class Padding { Valid, Same };

template <>
struct ChoiceNames<Padding> {
    static constexpr std::array<std::string_view, 2> names{"valid", "same"};
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
};

template <>
struct ChoiceNames<ActivationName> {
    static constexpr std::array<std::string_view, 14> names{
        "linear",   "relu",     "sigmoid", "tanh",  "softmax", "elu",         "selu",
        "softplus", "softsign", "silu",    "swish", "gelu",    "exponential", "hard_sigmoid"};
};

/// Descriptions of arguments that several layers share.
[[nodiscard]] ParamDetail activationDetail();
[[nodiscard]] ParamDetail useBiasDetail();
[[nodiscard]] ParamDetail paddingDetail();
/// `what` is drawn before training: "the filters". Hidden while the switch `shownWhen` is off.
[[nodiscard]] ParamDetail initializerDetail(std::string_view what, std::string shownWhen = {});
[[nodiscard]] ParamDetail axisDetail(std::string help);

/// What an activation inside a layer costs over `values` outputs: operations and kept bytes.
[[nodiscard]] LayerCost activationCost(ActivationName name, std::int64_t values);

} // namespace nn
