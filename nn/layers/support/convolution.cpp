#include "nn/layers/support/convolution.h"

namespace nn {

ParamDetail filtersDetail() {
    return {.min = 1,
            .max = 65'536,
            .step = 1,
            .help = "How many patterns to learn: the number of channels of the output. 16 to 64 in "
                    "the first layers, more in later, smaller ones.",
            .required = true};
}

ParamDetail causalPaddingDetail() {
    return {.choices = {"valid", "same", "causal"},
            .help = "valid uses only positions where the filter lies fully inside, so the sequence "
                    "becomes shorter; same surrounds it so that strides 1 keeps its length; causal "
                    "pads only in front, so that no output sees a later step."};
}

ParamDetail transposedPaddingDetail() {
    return {.choices = {"valid", "same"},
            .help = "valid keeps everything that the filters paint; same cuts the border off so "
                    "that the output is exactly strides times as large as the input."};
}

ParamDetail groupsDetail() {
    return {.min = 1,
            .max = 65'536,
            .step = 1,
            .help = "Splits channels and filters into this many groups that do not see each other; "
                    "divides weights and work by it. Must divide both numbers."};
}

ParamDetail depthMultiplierDetail() {
    return {.min = 1,
            .max = 4'096,
            .step = 1,
            .help = "How many filters each channel of the input gets. The depthwise output has so "
                    "many times the channels."};
}

} // namespace nn
