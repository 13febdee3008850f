#include "nn/layers/support/copies.h"
#include "nn/layers/support/shapes.h"

namespace nn::layers {

namespace {

struct Identity {};
using Definition = DefineLayer<Identity>;

Definition::Shaped shapeOf(const Identity& /*options*/, Definition::Inputs inputs) {
    return inputs[0];
}

std::shared_ptr<const Kernel> kernelOf(const Identity& /*options*/, Definition::Inputs /*inputs*/,
                                       const Shape& /*output*/) {
    return std::make_shared<IdentityKernel>();
}

} // namespace

LayerDef identity() {
    return Definition("Identity", Category::Core, "Passes its input on unchanged.")
        .help("Does nothing: the output is the input. A place holder, for example where a branch "
              "of a network may have a layer or none, or to give a point in a network a name of "
              "its own. Costs neither time nor memory and has no weights.")
        .formulas("as the input")
        .shape(shapeOf)
        .kernel(kernelOf)
        .example({{4, 3, 2}});
}

} // namespace nn::layers
