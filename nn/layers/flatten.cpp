#include "nn/layers/support/copies.h"
#include "nn/layers/support/shapes.h"

namespace nn::layers {

namespace {

struct Flatten {};
using Definition = DefineLayer<Flatten>;

Definition::Shaped shapeOf(const Flatten& /*options*/, Definition::Inputs inputs) {
    const Shape& input = inputs[0];
    if (!input.isKnown()) {
        return Shape{kUnknown};
    }
    return Shape{input.count()};
}

std::shared_ptr<const Kernel> kernelOf(const Flatten& /*options*/, Definition::Inputs /*inputs*/,
                                       const Shape& /*output*/) {
    return std::make_shared<IdentityKernel>();
}

} // namespace

LayerDef flatten() {
    return Definition("Flatten", Category::Reshaping,
                      "Lays all values of an image out in one row, ready for Dense.")
        .formulas("one axis: all axes multiplied")
        .help("Turns an image (height, width, channels) into one long row of height × width × "
              "channels values, pixel by pixel, without changing any of them. Needed between "
              "convolutions and Dense. Every value becomes an input of the Dense layer behind it, "
              "which may then have very many weights: pool before, or use GlobalAveragePooling2D "
              "instead.")
        .shape(shapeOf)
        .kernel(kernelOf)
        .example({{4, 3, 2}});
}

} // namespace nn::layers
