#include "nn/exec/fusion.h"
#include "nn/kernels/convolution.h"
#include "nn/layers/support/activation_tail.h"
#include "nn/layers/support/conv_pool.h"
#include "nn/layers/support/shapes.h"
#include "nn/layers/support/weight_options.h"

#include <algorithm>

namespace nn::layers {

namespace {

struct Conv2D {
    std::int64_t filters = 32;
    Size2 kernelSize{3, 3};
    Size2 strides{1, 1};
    Padding padding = Padding::Valid;
    Size2 dilationRate{1, 1};
    std::int64_t groups = 1;
    ActivationName activation = ActivationName::Linear;
    bool useBias = true;
    WeightOptions kernel;
    WeightOptions bias = startingAs("Zeros");
    std::optional<ParamObject> activityRegularizer;

    [[nodiscard]] WindowOptions window() const {
        return {kernelSize, strides, dilationRate, padding};
    }
};
using Definition = DefineLayer<Conv2D>;

Shape kernelShape(const Conv2D& options, const Shape& image) {
    return {options.kernelSize.height, options.kernelSize.width, image[2] / options.groups,
            options.filters};
}

std::optional<LayerProblem> optionsProblem(const Conv2D& options, const Shape& image) {
    const std::string groups = std::to_string(options.groups);
    const bool strided = options.strides != Size2{1, 1};
    if (strided && options.dilationRate != Size2{1, 1}) {
        return LayerProblem{"Conv2D cannot have strides and a dilation_rate above 1 together. Set "
                            "one of them back to 1.",
                            "dilation_rate"};
    }
    if (options.filters % options.groups != 0) {
        return LayerProblem{"Conv2D deals its " + std::to_string(options.filters) +
                                " filters out to " + groups +
                                " groups, which does not come out even. Choose filters as a "
                                "multiple of groups.",
                            "groups"};
    }
    if (image[2] % options.groups != 0) {
        return LayerProblem{"Conv2D cuts the " + std::to_string(image[2]) +
                                " channels of its input into " + groups +
                                " groups, which does not come out even. Choose groups as a divisor "
                                "of the channels.",
                            "groups"};
    }
    return std::nullopt;
}

Definition::Shaped shapeOf(const Conv2D& options, Definition::Inputs inputs) {
    const Shape& image = inputs[0];
    if (auto problem = imageProblem("Conv2D", image)) {
        return tl::unexpected(*problem);
    }
    if (auto problem = optionsProblem(options, image)) {
        return tl::unexpected(*problem);
    }
    if (auto problem =
            sizeProblem("Conv2D", "its filters", kernelShape(options, image), "filters")) {
        return tl::unexpected(*problem);
    }
    auto output = slidShape("Conv2D", options.window(), image, options.filters, "kernel_size");
    if (output) {
        if (auto problem = sizeProblem("Conv2D", "its output", *output, "filters")) {
            return tl::unexpected(*problem);
        }
    }
    return output;
}

std::vector<WeightSpec> weightsOf(const Conv2D& options, Definition::Inputs inputs) {
    std::vector<WeightSpec> weights{options.kernel.spec("kernel", kernelShape(options, inputs[0]))};
    if (options.useBias) {
        weights.push_back(options.bias.spec("bias", {options.filters}));
    }
    return weights;
}

LayerCost costOf(const Conv2D& options, Definition::Inputs inputs, const Shape& output) {
    const std::int64_t values = elementsOrZero(output);
    LayerCost cost = activationCost(options.activation, values);
    cost.macs = saturatedProduct({values, options.kernelSize.height, options.kernelSize.width,
                                  inputs[0][2] / options.groups});
    cost.otherOperations += options.useBias ? values : 0;
    return cost;
}

Window windowOf(const Conv2D& options, Definition::Inputs inputs) {
    return options.window().window(inputs[0]);
}

class Conv2DKernel final : public FusingKernel {
public:
    Conv2DKernel(const ConvGeometry& geometry, ActivationTail tail, bool hasBias)
        : m_geometry(geometry), m_tail(tail), m_hasBias(hasBias) {}

    [[nodiscard]] KernelMemory memory(std::int64_t batch, Phase phase) const override {
        KernelMemory memory{.scratchFloats = convForwardScratchFloats(m_geometry, batch)};
        if (phase == Phase::Training) {
            memory.savedBytes = m_tail.savedBytes(batch);
            memory.scratchFloats =
                std::max({memory.scratchFloats, convBackwardDataScratchFloats(m_geometry, batch),
                          convBackwardWeightsScratchFloats(m_geometry, batch)});
        }
        return memory;
    }

    void forward(const ForwardArgs& args) const override {
        convForward(*args.parallel, m_geometry,
                    {.batch = args.batch,
                     .x = args.inputs[0],
                     .weights = args.weights[0],
                     .bias = m_hasBias ? args.weights[1] : std::span<const float>{},
                     .activation = m_tail.fused(),
                     .y = m_tail.target(args),
                     .scratch = args.scratch});
        m_tail.forward(args);
    }

    void backward(const BackwardArgs& args) const override {
        m_tail.backward(args);
        if (!args.weightGradients[0].empty()) {
            convBackwardWeights(*args.parallel, m_geometry,
                                {.batch = args.batch,
                                 .x = args.inputs[0],
                                 .dy = args.outputGradient,
                                 .dw = args.weightGradients[0],
                                 .db = m_hasBias ? args.weightGradients[1] : std::span<float>{},
                                 .scratch = args.scratch});
        }
        if (!args.inputGradients[0].empty()) {
            convBackwardData(*args.parallel, m_geometry,
                             {.batch = args.batch,
                              .dy = args.outputGradient,
                              .weights = args.weights[0],
                              .dx = args.inputGradients[0],
                              .scratch = args.scratch});
        }
    }

    [[nodiscard]] std::shared_ptr<const Kernel> fusedWith(const Kernel& reader) const override {
        const bool relu = m_tail.fused() == FusedActivation::Relu;
        return relu || m_tail.isLinear() ? convPoolKernel({m_geometry, m_hasBias, relu}, reader)
                                         : nullptr;
    }
    [[nodiscard]] bool backwardReadsOutput() const override { return m_tail.backwardReadsOutput(); }
    [[nodiscard]] bool endsInSoftmax() const override { return m_tail.endsInSoftmax(); }

private:
    ConvGeometry m_geometry;
    ActivationTail m_tail;
    bool m_hasBias;
};

std::shared_ptr<const Kernel> kernelOf(const Conv2D& options, Definition::Inputs inputs,
                                       const Shape& output) {
    const Shape& image = inputs[0];
    const ConvGeometry geometry{.inHeight = image[0],
                                .inWidth = image[1],
                                .inChannels = image[2],
                                .outHeight = output[0],
                                .outWidth = output[1],
                                .outChannels = output[2],
                                .kernelHeight = options.kernelSize.height,
                                .kernelWidth = options.kernelSize.width,
                                .strideHeight = options.strides.height,
                                .strideWidth = options.strides.width,
                                .dilationHeight = options.dilationRate.height,
                                .dilationWidth = options.dilationRate.width,
                                .padTop = options.window().vertical(image).padBefore(),
                                .padLeft = options.window().horizontal(image).padBefore(),
                                .groups = options.groups};
    return std::make_shared<Conv2DKernel>(geometry, ActivationTail(options.activation, output),
                                          options.useBias);
}

/// The arguments that say how the filters slide over the image.
void addSliding(Definition& definition) {
    definition
        .param(&Conv2D::kernelSize, "kernel_size",
               {.min = 1,
                .max = 1'024,
                .step = 1,
                .unit = "px",
                .help = "Height and width of each filter. 3×3 is the usual choice: two of them in "
                        "a row see as much as one 5×5 and need fewer weights.",
                .required = true})
        .param(&Conv2D::strides, "strides",
               {.min = 1,
                .max = 1'024,
                .step = 1,
                .unit = "px",
                .help = "How far the filter moves between two positions. 2 halves height and "
                        "width, like a pooling layer. Not together with dilation_rate."})
        .param(&Conv2D::padding, "padding", paddingDetail())
        .param(&Conv2D::dilationRate, "dilation_rate",
               {.min = 1,
                .max = 1'024,
                .step = 1,
                .unit = "px",
                .help = "Distance between the pixels a filter looks at. 2 lets a 3×3 filter see a "
                        "5×5 area with gaps, at the cost of 9 weights. Not together with strides."})
        .param(&Conv2D::groups, "groups",
               {.min = 1,
                .max = 65'536,
                .step = 1,
                .help = "Splits channels and filters into this many groups that do not see each "
                        "other; divides weights and work by it. Must divide both numbers."});
}

} // namespace

LayerDef conv2d() {
    Definition definition("Conv2D", Category::Convolution,
                          "Slides small filters over an image and shows where each one matches.");
    definition
        .help("Each filter is a small pattern, kernel_size pixels large and as deep as the input's "
              "channels. It slides over the image; at every position its numbers are multiplied "
              "with the pixels below and summed up. The result is one feature map per filter, "
              "bright where the pattern occurs. First layers learn edges and colours, later ones "
              "textures and parts. Few weights, because a filter is shared by all positions, but "
              "most of a network's arithmetic happens here: multiply-adds = output height × output "
              "width × filters × kernel height × kernel width × input channels ÷ groups.")
        .param(&Conv2D::filters, "filters",
               {.min = 1,
                .max = 65'536,
                .step = 1,
                .help = "How many patterns to learn: the number of channels of the output. 16 to "
                        "64 in the first layers, more in later, smaller ones.",
                .required = true});
    addSliding(definition);
    definition.param(&Conv2D::activation, "activation", activationDetail())
        .param(&Conv2D::useBias, "use_bias", useBiasDetail())
        .with(weightArguments<Conv2D>({{&Conv2D::kernel, "kernel", "the filters"},
                                       {&Conv2D::bias, "bias", "the biases", "use_bias"}},
                                      &Conv2D::activityRegularizer))
        .shape(shapeOf)
        .kernel(kernelOf)
        .weights(weightsOf)
        .cost(costOf)
        .window(windowOf)
        .example({{9, 8, 4}}, {{"filters", std::int64_t{6}}});
    return definition;
}

} // namespace nn::layers
