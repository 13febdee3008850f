#include "nn/exec/activity.h"
#include "nn/layers/support/copies.h"

namespace nn::layers {

namespace {

struct ActivityRegularization {
    double l1 = 0.0;
    double l2 = 0.0;
};
using Definition = DefineLayer<ActivityRegularization>;

ParamDetail factorDetail(std::string help) {
    return {.min = 0.0, .max = 1e30, .step = 0.01, .help = std::move(help)};
}

} // namespace

LayerDef activity_regularization() {
    return Definition("ActivityRegularization", Category::Regularization,
                      "Adds a penalty on its input to the loss and passes the input on.")
        .formulas("as the input")
        .help("The values pass through unchanged. While training, the mean over the images of a "
              "batch of l1 · Σ|x| + l2 · Σx² is added to the loss, which pulls the outputs of the "
              "layers before it "
              "towards 0. With l1 many of them become exactly 0: a sparse code. No weights.")
        .param(&ActivityRegularization::l1, "l1",
               factorDetail("The factor of the sum of absolute values: makes values 0."))
        .param(&ActivityRegularization::l2, "l2",
               factorDetail("The factor of the sum of squares: makes values small."))
        .shape([](const ActivityRegularization&, Definition::Inputs inputs) -> Definition::Shaped {
            return inputs[0];
        })
        .cost([](const ActivityRegularization&, Definition::Inputs, const Shape& output) {
            return LayerCost{.otherOperations = elementsOrZero(output)};
        })
        .kernel([](const ActivityRegularization& options, Definition::Inputs, const Shape& output) {
            const ParamObject norms("L1L2", {{"l1", options.l1}, {"l2", options.l2}});
            return withActivityRegularizer(std::make_shared<IdentityKernel>(),
                                           makeRegularizer(norms), output);
        })
        .example({{4, 3, 2}}, {{"l1", 0.1}, {"l2", 0.2}});
}

} // namespace nn::layers
