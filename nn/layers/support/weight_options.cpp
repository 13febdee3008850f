#include "nn/layers/support/weight_options.h"

namespace nn {
namespace {

ParamDetail shownWith(const ObjectFamily& family, std::string help, const std::string& shownWhen) {
    ParamDetail detail{.family = &family, .help = std::move(help)};
    if (!shownWhen.empty()) {
        detail.shownWhenParam = shownWhen;
        detail.shownWhenNot = false;
    }
    return detail;
}

} // namespace

ParamDetail initializerDetail(std::string_view what, const std::string& shownWhen) {
    return shownWith(kInitializers,
                     "How " + std::string(what) +
                         " start before training. glorot_uniform suits most layers, he_normal "
                         "layers followed by relu, zeros biases.",
                     shownWhen);
}

ParamDetail regularizerDetail(std::string_view what, const std::string& shownWhen) {
    return shownWith(kRegularizers,
                     "A penalty on " + std::string(what) +
                         " that is added to the loss. l2 keeps them small and so works against "
                         "overfitting.",
                     shownWhen);
}

ParamDetail constraintDetail(std::string_view what, const std::string& shownWhen) {
    return shownWith(kConstraints,
                     "What " + std::string(what) + " must fulfil after every step of training.",
                     shownWhen);
}

ParamDetail activityRegularizerDetail() {
    return shownWith(kRegularizers,
                     "A penalty on the output of the layer that is added to the loss. l1 makes "
                     "many outputs 0.",
                     {});
}

} // namespace nn
