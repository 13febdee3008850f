#include "nn/layers/support/choices.h"

#include "nn/exec/weights.h"

namespace nn {

ParamDetail activationDetail() {
    return {.help = "The function applied to every output value. relu is the usual choice inside a "
                    "network; softmax in the last layer turns scores into class probabilities; "
                    "linear leaves values as they are. swish is another name of silu."};
}

ParamDetail useBiasDetail() {
    return {.help = "Adds one learned number to each output channel. Switch it off when "
                    "BatchNormalization follows, which shifts the values anyway."};
}

ParamDetail paddingDetail() {
    return {.help = "valid uses only positions where the window lies fully inside, so the image "
                    "shrinks; same surrounds the image so that stride 1 keeps its size."};
}

ParamDetail initializerDetail(std::string_view what, std::string shownWhen) {
    ParamDetail detail{.choices = initializerNames()};
    detail.help = "How " + std::string(what) +
                  " start before training. glorot_uniform suits most layers, he_normal layers "
                  "followed by relu, zeros biases.";
    if (!shownWhen.empty()) {
        detail.shownWhenParam = std::move(shownWhen);
        detail.shownWhenNot = false;
    }
    return detail;
}

ParamDetail axisDetail(std::string help) {
    return {.min = -8, .max = 8, .step = 1, .help = std::move(help)};
}

LayerCost activationCost(ActivationName name, std::int64_t values) {
    switch (name) {
    case ActivationName::Linear:
        return {};
    case ActivationName::Silu:
    case ActivationName::Swish:
    case ActivationName::Gelu:
        // Their derivative needs the value before the activation as well.
        return {.otherOperations = values, .savedBytes = values * 4};
    case ActivationName::Relu:
    case ActivationName::Sigmoid:
    case ActivationName::Tanh:
    case ActivationName::Softmax:
    case ActivationName::Elu:
    case ActivationName::Selu:
    case ActivationName::Softplus:
    case ActivationName::Softsign:
    case ActivationName::Exponential:
    case ActivationName::HardSigmoid:
        return {.otherOperations = values};
    }
    return {};
}

} // namespace nn
