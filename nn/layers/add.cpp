#include "nn/layers/support/shapes.h"

namespace nn::layers {

namespace {

struct Add {};
using Definition = DefineLayer<Add>;

Definition::Shaped shapeOf(const Add& /*options*/, Definition::Inputs inputs) {
    return broadcastShape("Add", inputs);
}

LayerCost costOf(const Add& /*options*/, Definition::Inputs inputs, const Shape& output) {
    return {.otherOperations = saturatedProduct(
                {elementsOrZero(output), static_cast<std::int64_t>(inputs.size()) - 1})};
}

} // namespace

LayerDef add() {
    return Definition("Add", Category::Merging, "Sums several inputs value by value.")
        .help("Adds its inputs position by position; their shapes must be equal (an axis of size 1 "
              "is repeated to fit). The heart of residual networks: a shortcut around some layers "
              "is added to their result, so these need to learn only the difference, and gradients "
              "have a direct way back. No weights.")
        .arity({.min = 2, .max = kManyInputs})
        .shape(shapeOf)
        .cost(costOf)
        .example({{5, 4, 3}, {5, 4, 3}});
}

} // namespace nn::layers
