#include "nn/layers/support/copies.h"
#include "nn/layers/support/shapes.h"

namespace nn::layers {

namespace {

struct Reshape {
    std::vector<std::int64_t> targetShape{-1};
};
using Definition = DefineLayer<Reshape>;

std::string shapeList(const std::vector<std::int64_t>& extents) {
    return pythonText(ParamValue(extents));
}

Definition::Shaped shapeOf(const Reshape& options, Definition::Inputs inputs) {
    std::int64_t known = 1;
    std::size_t open = 0;
    for (const std::int64_t extent : options.targetShape) {
        open += extent == kUnknown ? 1 : 0;
        known = saturatedProduct({known, extent == kUnknown ? 1 : extent});
    }
    if (open > 1 || known < 1) {
        return layerProblem("Reshape needs sizes of 1 or more, of which one may be -1 (whatever is "
                            "left), but was given " +
                                shapeList(options.targetShape) + ".",
                            "target_shape");
    }
    Shape output(options.targetShape);
    const auto elements = inputs[0].elements();
    if (!elements) {
        return output; // One of the sizes may stay open.
    }
    if (*elements % known != 0 || (open == 0 && *elements != known)) {
        return layerProblem("Reshape cannot lay out the " + std::to_string(*elements) +
                                " values of its input (" + shapeText(inputs[0]) + ") as " +
                                shapeList(options.targetShape) +
                                ". The sizes must multiply to the same number; -1 fills in one of "
                                "them.",
                            "target_shape");
    }
    for (std::size_t i = 0; i < output.rank(); ++i) {
        output[i] = output[i] == kUnknown ? *elements / known : output[i];
    }
    return output;
}

std::shared_ptr<const Kernel> kernelOf(const Reshape& /*options*/, Definition::Inputs /*inputs*/,
                                       const Shape& /*output*/) {
    return std::make_shared<IdentityKernel>();
}

} // namespace

LayerDef reshape() {
    return Definition("Reshape", Category::Reshaping,
                      "Gives the values another shape without moving them.")
        .help("Reads the values in their order, the channels of a pixel first, then the pixels of "
              "a row, then the rows, and lays them out anew: 7×7×2 can become 49×2 or 14×7. The "
              "number of values stays the same. Used to turn a long row, as Dense makes it, into "
              "an image. To exchange axes take Permute. Costs nothing and has no weights.")
        .formulas("target_shape, with -1 = values of the input ÷ product of the other sizes")
        .param(&Reshape::targetShape, "target_shape",
               {.min = -1,
                .max = 1'073'741'824,
                .step = 1,
                .help = "The new sizes without the batch. One of them may be -1: whatever is "
                        "left.",
                .required = true})
        .shape(shapeOf)
        .kernel(kernelOf)
        .example({{4, 3, 2}}, {{"target_shape", std::vector<std::int64_t>{6, -1}}});
}

} // namespace nn::layers
