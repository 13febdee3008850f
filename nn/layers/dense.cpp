#include "nn/exec/product_kernel.h"
#include "nn/layers/support/activation_tail.h"
#include "nn/layers/support/shapes.h"
#include "nn/layers/support/weight_options.h"

#include <algorithm>

namespace nn::layers {

namespace {

struct Dense {
    std::int64_t units = 10;
    ActivationName activation = ActivationName::Linear;
    bool useBias = true;
    WeightOptions kernel;
    WeightOptions bias = startingAs("Zeros");
    std::optional<ParamObject> activityRegularizer;
};
using Definition = DefineLayer<Dense>;

Definition::Shaped shapeOf(const Dense& options, Definition::Inputs inputs) {
    const Shape& input = inputs[0];
    if (input.rank() == 0 || input.back() == kUnknown) {
        return layerProblem("Dense needs an input whose last axis has a known size, but it is open "
                            "here. Give the Input layer a fixed shape, or put "
                            "GlobalAveragePooling2D before Dense.");
    }
    const Shape kernel{input.back(), options.units};
    if (auto problem = sizeProblem("Dense", "its weights", kernel, "units")) {
        return tl::unexpected(*problem);
    }
    Shape output = input;
    output[output.rank() - 1] = options.units;
    if (auto problem = sizeProblem("Dense", "its output", output, "units")) {
        return tl::unexpected(*problem);
    }
    return output;
}

std::vector<WeightSpec> weightsOf(const Dense& options, Definition::Inputs inputs) {
    std::vector<WeightSpec> weights{
        options.kernel.spec("kernel", {inputs[0].back(), options.units})};
    if (options.useBias) {
        weights.push_back(options.bias.spec("bias", {options.units}));
    }
    return weights;
}

LayerCost costOf(const Dense& options, Definition::Inputs inputs, const Shape& output) {
    const std::int64_t values = elementsOrZero(output);
    LayerCost cost = activationCost(options.activation, values);
    cost.macs = saturatedProduct({values, inputs[0].back()});
    cost.otherOperations += options.useBias ? values : 0;
    return cost;
}

Window windowOf(const Dense& /*options*/, Definition::Inputs inputs) {
    return {.global = inputs[0].rank() == 1};
}

class DenseKernel final : public ProductKernel {
public:
    DenseKernel(const DenseGeometry& geometry, ActivationTail tail, bool hasBias)
        : m_geometry(geometry), m_tail(tail), m_hasBias(hasBias) {}

    [[nodiscard]] KernelMemory memory(std::int64_t batch, Phase phase) const override {
        const DenseGeometry geometry = weightProduct(batch);
        KernelMemory memory{.scratchFloats = denseForwardScratchFloats(geometry)};
        if (phase == Phase::Training) {
            memory.savedBytes = m_tail.savedBytes(batch);
            memory.scratchFloats =
                std::max({memory.scratchFloats, denseBackwardDataScratchFloats(geometry),
                          denseBackwardWeightsScratchFloats(geometry)});
        }
        return memory;
    }

    void forward(const ForwardArgs& args) const override {
        denseForward(*args.parallel, weightProduct(args.batch),
                     {.x = args.inputs[0],
                      .weights = args.weights[0],
                      .bias = m_hasBias ? args.weights[1] : std::span<const float>{},
                      .activation = m_tail.fused(),
                      .y = m_tail.target(args),
                      .scratch = args.scratch});
        m_tail.forward(args);
    }

    void backward(const BackwardArgs& args) const override {
        m_tail.backward(args);
        const DenseGeometry geometry = weightProduct(args.batch);
        denseBackwardWeights(*args.parallel, geometry,
                             {.x = args.inputs[0],
                              .dy = args.outputGradient,
                              .dw = args.weightGradients[0],
                              .db = m_hasBias ? args.weightGradients[1] : std::span<float>{},
                              .scratch = args.scratch});
        if (!args.inputGradients[0].empty()) {
            denseBackwardData(*args.parallel, geometry,
                              {.dy = args.outputGradient,
                               .weights = args.weights[0],
                               .dx = args.inputGradients[0],
                               .scratch = args.scratch});
        }
    }

    [[nodiscard]] bool backwardReadsOutput() const override { return m_tail.backwardReadsOutput(); }
    [[nodiscard]] bool endsInSoftmax() const override { return m_tail.endsInSoftmax(); }
    [[nodiscard]] DenseGeometry weightProduct(std::int64_t batch) const override {
        return {saturatedProduct({batch, m_geometry.rows}), m_geometry.inputs, m_geometry.units};
    }

private:
    DenseGeometry m_geometry; ///< Of one sample.
    ActivationTail m_tail;
    bool m_hasBias;
};

std::shared_ptr<const Kernel> kernelOf(const Dense& options, Definition::Inputs inputs,
                                       const Shape& output) {
    const std::int64_t inputCount = inputs[0].back();
    return std::make_shared<DenseKernel>(
        DenseGeometry{inputs[0].count() / inputCount, inputCount, options.units},
        ActivationTail(options.activation, output), options.useBias);
}

} // namespace

LayerDef dense() {
    return Definition("Dense", Category::Core,
                      "Connects every input with every unit; usually the last layers.")
        .formulas("as the input, the last axis = units",
                  "last input axis · units, and one more for each unit with use_bias")
        .help("Each unit computes a weighted sum of all its inputs. At the end of a network, Dense "
              "with one unit per class and softmax says how likely each class is. A Dense layer on "
              "a large flattened image is where most weights of a network sit: inputs × units. If "
              "there are too many, pool more before, or put GlobalAveragePooling2D in place of "
              "Flatten. On an input with several axes it works on the last one and treats all "
              "positions alike, as a 1×1 convolution does.")
        .param(&Dense::units, "units",
               {.min = 1,
                .max = 16'777'216,
                .step = 1,
                .help = "How many sums to learn: the size of the output. In the last layer the "
                        "number of classes.",
                .required = true})
        .param(&Dense::activation, "activation", activationDetail())
        .param(&Dense::useBias, "use_bias", useBiasDetail())
        .with(weightArguments<Dense>({{&Dense::kernel, "kernel", "the weights"},
                                      {&Dense::bias, "bias", "the biases", "use_bias"}},
                                     &Dense::activityRegularizer))
        .shape(shapeOf)
        .kernel(kernelOf)
        .weights(weightsOf)
        .cost(costOf)
        .window(windowOf)
        .example({{12}}, {{"units", std::int64_t{7}}});
}

} // namespace nn::layers
