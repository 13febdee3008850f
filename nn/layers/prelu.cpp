#include "nn/kernels/prelu.h"
#include "nn/exec/kernel.h"
#include "nn/layers/support/broadcast.h"
#include "nn/layers/support/shapes.h"
#include "nn/layers/support/weight_options.h"

namespace nn::layers {

namespace {

struct PReLU {
    WeightOptions alpha = startingAs("Zeros");
    std::optional<std::vector<std::int64_t>> sharedAxes;
};
using Definition = DefineLayer<PReLU>;

/// The input's shape with 1 along shared axes.
tl::expected<Shape, LayerProblem> alphaShape(const PReLU& options, const Shape& input) {
    Shape shape = input;
    for (const std::int64_t axis : options.sharedAxes.value_or(std::vector<std::int64_t>{})) {
        const auto index = axisIndex(axis, input.rank());
        if (!index) {
            LayerProblem problem = axisProblem("PReLU", axis, input);
            problem.param = "shared_axes";
            return tl::unexpected(std::move(problem));
        }
        shape[*index] = 1;
    }
    if (!shape.isKnown()) {
        return layerProblem("PReLU learns a slope for every position of its input, but the size " +
                                shapeText(input) +
                                " is partly open. Share these axes (shared_axes 1, 2 for images), "
                                "or give the Input layer a fixed shape.",
                            "shared_axes");
    }
    if (auto problem = sizeProblem("PReLU", "its weights", shape, "shared_axes")) {
        return tl::unexpected(*problem);
    }
    return shape;
}

Definition::Shaped shapeOf(const PReLU& options, Definition::Inputs inputs) {
    if (const auto shape = alphaShape(options, inputs[0]); !shape) {
        return tl::unexpected(shape.error());
    }
    return inputs[0];
}

std::vector<WeightSpec> weightsOf(const PReLU& options, Definition::Inputs inputs) {
    return {options.alpha.spec("alpha", alphaShape(options, inputs[0]).value_or(Shape{}))};
}

LayerCost costOf(const PReLU& /*options*/, Definition::Inputs /*inputs*/, const Shape& output) {
    return {.otherOperations = saturatedProduct({elementsOrZero(output), 2})};
}

class PReLUKernel final : public Kernel {
public:
    PReLUKernel(const Shape& alpha, const Shape& input) : m_values(input.count()) {
        if (alpha != input) {
            m_shared.emplace(alpha, input);
        }
    }

    [[nodiscard]] KernelMemory memory(std::int64_t /*batch*/, Phase /*phase*/) const override {
        // A slope for every value, and its gradient.
        return {.scratchFloats = m_shared ? saturatedProduct({2, m_values}) : 0};
    }
    void forward(const ForwardArgs& args) const override {
        preluForward(*args.parallel, args.inputs[0], slopes(args), args.output);
    }
    void backward(const BackwardArgs& args) const override {
        const std::span<const float> alpha = slopes(args);
        const std::span<float> gradient = args.weightGradients[0];
        if (!gradient.empty()) {
            const auto size = static_cast<std::size_t>(m_values);
            const std::span<float> whole = m_shared ? args.scratch.subspan(size, size) : gradient;
            preluSlopeGradient(*args.parallel, args.inputs[0], args.outputGradient, whole);
            if (m_shared) {
                m_shared->sum(*args.parallel, 1, whole, gradient);
            }
        }
        if (!args.inputGradients[0].empty()) {
            preluBackward(*args.parallel, {.x = args.inputs[0],
                                           .alpha = alpha,
                                           .dy = args.outputGradient,
                                           .dx = args.inputGradients[0]});
        }
    }
    [[nodiscard]] bool backwardReadsOutput() const override { return false; }
    [[nodiscard]] bool runsInPlace() const override { return true; }

private:
    /// The slopes of one sample.
    template <typename Args>
    [[nodiscard]] std::span<const float> slopes(const Args& args) const {
        if (!m_shared) {
            return args.weights[0];
        }
        const std::span<float> whole = args.scratch.first(static_cast<std::size_t>(m_values));
        m_shared->expand(*args.parallel, 1, args.weights[0], whole);
        return whole;
    }

    std::int64_t m_values;
    std::optional<Broadcast> m_shared; ///< How shared slopes stretch over a sample.
};

std::shared_ptr<const Kernel> kernelOf(const PReLU& options, Definition::Inputs inputs,
                                       const Shape& /*output*/) {
    return std::make_shared<PReLUKernel>(alphaShape(options, inputs[0]).value(), inputs[0]);
}

} // namespace

LayerDef prelu() {
    return Definition("PReLU", Category::Activation,
                      "Lets positive values pass; learns what to multiply negative ones by.")
        .help("As LeakyReLU, but the slope for negative values, alpha, is learned: one for every "
              "position of the input, or shared along axes. For images share height and width "
              "(shared_axes 1, 2), so that each channel has one slope; otherwise it may have more "
              "weights than the convolution before it. As many weights as the input has values, "
              "shared axes counting once.")
        .formulas("as the input", "product of the input's sizes, 1 for each of shared_axes")
        .with(weightArguments<PReLU>({{&PReLU::alpha, "alpha", "the slopes alpha"}}))
        .param(&PReLU::sharedAxes, "shared_axes",
               axisDetail("The axes along which all positions have the same slope: 1, 2 (height "
                          "and width) for images. None learns a slope for every value."))
        .shape(shapeOf)
        .kernel(kernelOf)
        .weights(weightsOf)
        .cost(costOf)
        .example({{5, 4, 3}}, {{"shared_axes", std::vector<std::int64_t>{1, 2}}});
}

} // namespace nn::layers
