#include "nn/layers/support/choices.h"

#include "nn/layers/support/activation_tail.h"

namespace nn {

ParamDetail activationDetail() {
    constexpr auto& names = ChoiceNames<ActivationName>::names;
    return {.choices{names.begin(), names.end() - 1},
            .help = "The function applied to every output value. relu is the usual choice inside a "
                    "network; softmax in the last layer turns scores into class probabilities; "
                    "linear leaves values as they are. swish is another name of silu."};
}

ParamDetail useBiasDetail() {
    return {.help = "Adds one learned number to each output channel. Switch it off when "
                    "BatchNormalization follows, which shifts the values anyway."};
}

ParamDetail paddingDetail() {
    return {.choices = {"valid", "same"},
            .help = "valid uses only positions where the window lies fully inside, so the image "
                    "shrinks; same surrounds the image so that stride 1 keeps its size."};
}

ParamDetail axisDetail(std::string help) {
    return {.min = -8, .max = 8, .step = 1, .help = std::move(help)};
}

LayerCost activationCost(ActivationName name, std::int64_t values) {
    if (name == ActivationName::Linear) {
        return {};
    }
    // Some derivatives need the value before the activation as well.
    const bool keepsInput = activationBackwardReads(activationOf(name)) == BackwardReads::Input;
    return {.otherOperations = values, .savedBytes = keepsInput ? values * 4 : 0};
}

} // namespace nn
