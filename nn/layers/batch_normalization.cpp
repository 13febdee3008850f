#include "nn/exec/fusion.h"
#include "nn/kernels/normalization.h"
#include "nn/layers/support/copies.h"
#include "nn/layers/support/normalization.h"
#include "nn/layers/support/shapes.h"
#include "nn/layers/support/value_kernels.h"
#include "nn/layers/support/weight_options.h"

#include <algorithm>
#include <cmath>

namespace nn::layers {

namespace {

struct BatchNormalization {
    std::int64_t axis = -1;
    double momentum = 0.99;
    double epsilon = 0.001;
    bool center = true;
    bool scale = true;
    WeightOptions beta = startingAs("Zeros");
    WeightOptions gamma = startingAs("Ones");
    WeightOptions movingMean = startingAs("Zeros");
    WeightOptions movingVariance = startingAs("Ones");
    bool renorm = false;
    bool synchronized = false;
};
using Definition = DefineLayer<BatchNormalization>;

Definition::Shaped shapeOf(const BatchNormalization& options, Definition::Inputs inputs) {
    const Shape& input = inputs[0];
    if (options.renorm) {
        return layerProblem("BatchNormalization cannot renormalise its batches here: training with "
                            "renorm corrects each batch by the running averages, which this "
                            "program does not compute. Switch renorm off; for small batches take "
                            "GroupNormalization or LayerNormalization.",
                            "renorm");
    }
    const auto axis = axisIndex(options.axis, input.rank());
    if (!axis) {
        return tl::unexpected(axisProblem("BatchNormalization", options.axis, input));
    }
    if (input[*axis] == kUnknown) {
        return layerProblem("BatchNormalization keeps numbers for every position of axis " +
                                std::to_string(options.axis) +
                                ", but its size is open here. Give the Input layer a fixed size "
                                "there, or normalise the channels (axis -1).",
                            "axis");
    }
    return input;
}

std::vector<WeightSpec> weightsOf(const BatchNormalization& options, Definition::Inputs inputs) {
    const Shape shape{inputs[0][axisIndex(options.axis, inputs[0].rank()).value_or(0)]};
    std::vector<WeightSpec> weights;
    if (options.scale) {
        weights.push_back(options.gamma.spec("gamma", shape));
    }
    if (options.center) {
        weights.push_back(options.beta.spec("beta", shape));
    }
    weights.push_back({"moving_mean", shape, options.movingMean.initializer, false});
    weights.push_back({"moving_variance", shape, options.movingVariance.initializer, false});
    return weights;
}

LayerCost costOf(const BatchNormalization& /*options*/, Definition::Inputs /*inputs*/,
                 const Shape& output) {
    return {.otherOperations = saturatedProduct({elementsOrZero(output), 2})};
}

/// With `relu` it does the ReLU behind the layer, too.
class BatchNormalizationKernel final : public FusingKernel {
public:
    BatchNormalizationKernel(const BatchNormalization& options, const AxisSplit& split,
                             bool relu = false)
        : m_options(options), m_split(split), m_relu(relu) {}

    [[nodiscard]] KernelMemory memory(std::int64_t batch, Phase phase) const override {
        const BatchNormGeometry geometry = ofBatch(batch);
        const std::int64_t turned = isLastAxis() ? 0 : saturatedProduct({2, valuesOf(batch)});
        if (phase == Phase::Inference) {
            return {.scratchFloats = turned};
        }
        // Mean, inverse deviation, variance and factor of each channel.
        return {.savedBytes = 4 * m_split.extent * static_cast<std::int64_t>(sizeof(float)),
                .scratchFloats = turned + batchNormScratchFloats(geometry)};
    }

    void forward(const ForwardArgs& args) const override {
        const Turned turned(*this, args.batch, args.scratch);
        const std::span<const float> x = isLastAxis() ? args.inputs[0] : turned.first;
        const std::span<float> y = isLastAxis() ? args.output : turned.second;
        if (!isLastAxis()) {
            toLastAxis(*args.parallel, m_split, args.batch, args.inputs[0], turned.first);
        }
        if (args.phase == Phase::Training && !args.frozen) {
            train(args, x, y, turned.rest);
        } else {
            apply(args, x, y);
        }
        if (!isLastAxis()) {
            fromLastAxis(*args.parallel, m_split, args.batch, turned.second, args.output);
        }
    }

    void backward(const BackwardArgs& args) const override {
        const Turned turned(*this, args.batch, args.scratch);
        std::span<const float> x = args.inputs[0];
        std::span<float> gradient = args.outputGradient;
        std::span<float> inputGradient = args.inputGradients[0];
        if (!isLastAxis()) {
            toLastAxis(*args.parallel, m_split, args.batch, x, turned.first);
            toLastAxis(*args.parallel, m_split, args.batch, gradient, turned.second);
            x = turned.first;
            gradient = turned.second;
            inputGradient = inputGradient.empty() ? inputGradient : turned.second;
        }
        const std::span<const float> statistics = savedFloats(args.saved);
        const BatchNormBackwardArgs call{.x = x,
                                         .gamma = optional(args.weights, gammaIndex()),
                                         .mean = channel(statistics, 0),
                                         .inverseStd = channel(statistics, 1),
                                         .dy = gradient,
                                         .dx = inputGradient,
                                         .dgamma = optional(args.weightGradients, gammaIndex()),
                                         .dbeta = optional(args.weightGradients, betaIndex()),
                                         .scratch = turned.rest,
                                         .reluFactor = m_relu ? channel(statistics, 3)
                                                              : std::span<const float>{},
                                         .beta = optional(args.weights, betaIndex())};
        if (args.frozen) {
            batchNormFrozenBackward(*args.parallel, ofBatch(args.batch), call);
        } else {
            batchNormBackward(*args.parallel, ofBatch(args.batch), call);
        }
        if (!isLastAxis() && !args.inputGradients[0].empty()) {
            fromLastAxis(*args.parallel, m_split, args.batch, turned.second,
                         args.inputGradients[0]);
        }
    }

    [[nodiscard]] bool backwardReadsOutput() const override { return false; }
    [[nodiscard]] bool runsInPlace() const override { return true; }
    [[nodiscard]] bool readsMoments() const override { return isLastAxis(); }
    /// While training the statistics are those of the whole batch.
    [[nodiscard]] bool runsInParts(Phase phase) const override { return phase == Phase::Inference; }
    [[nodiscard]] std::shared_ptr<const Kernel> fusedWith(const Kernel& reader) const override {
        const bool fits = !m_relu && isLastAxis() && isPlainRelu(reader);
        return fits ? std::make_shared<BatchNormalizationKernel>(m_options, m_split, true)
                    : nullptr;
    }

private:
    /// Scratch memory: two copies with the axis last (none when it is), and what is left.
    struct Turned {
        Turned(const BatchNormalizationKernel& kernel, std::int64_t batch,
               std::span<float> scratch) {
            const auto size =
                static_cast<std::size_t>(kernel.isLastAxis() ? 0 : kernel.valuesOf(batch));
            first = scratch.first(size);
            second = scratch.subspan(size, size);
            rest = scratch.subspan(2 * size);
        }
        std::span<float> first;
        std::span<float> second;
        std::span<float> rest;
    };

    template <typename Float>
    [[nodiscard]] std::span<Float> channel(std::span<Float> statistics, std::size_t number) const {
        const auto size = static_cast<std::size_t>(m_split.extent);
        return statistics.subspan(number * size, size);
    }
    template <typename Spans>
    static typename Spans::value_type optional(const Spans& spans,
                                               std::optional<std::size_t> index) {
        return index ? spans[*index] : typename Spans::value_type{};
    }

    [[nodiscard]] bool isLastAxis() const { return m_split.inner == 1; }
    [[nodiscard]] std::int64_t valuesOf(std::int64_t batch) const {
        return saturatedProduct({batch, m_split.outer, m_split.extent, m_split.inner});
    }
    [[nodiscard]] BatchNormGeometry ofBatch(std::int64_t batch) const {
        return {saturatedProduct({batch, m_split.outer, m_split.inner}), m_split.extent};
    }
    [[nodiscard]] std::optional<std::size_t> gammaIndex() const {
        return m_options.scale ? std::optional<std::size_t>(0) : std::nullopt;
    }
    [[nodiscard]] std::optional<std::size_t> betaIndex() const {
        return m_options.center ? std::optional<std::size_t>(m_options.scale ? 1 : 0)
                                : std::nullopt;
    }
    [[nodiscard]] std::size_t meanIndex() const {
        return (m_options.scale ? 1U : 0U) + (m_options.center ? 1U : 0U);
    }

    void train(const ForwardArgs& args, std::span<const float> x, std::span<float> y,
               std::span<float> scratch) const {
        const std::span<float> statistics = savedFloats(args.saved);
        const std::span<float> mean = channel(statistics, 0);
        const std::span<float> variance = channel(statistics, 2);
        batchNormTraining(*args.parallel, ofBatch(args.batch),
                          {.epsilon = static_cast<float>(m_options.epsilon),
                           .x = x,
                           .gamma = optional(args.weights, gammaIndex()),
                           .beta = optional(args.weights, betaIndex()),
                           .y = y,
                           .mean = mean,
                           .inverseStd = channel(statistics, 1),
                           .variance = variance,
                           .scratch = scratch,
                           .relu = m_relu,
                           .factor = channel(statistics, 3),
                           .moments = args.inputMoments});
        const auto momentum = static_cast<float>(m_options.momentum);
        updateMovingStatistics(momentum, mean, args.updatedWeights[meanIndex()]);
        updateMovingStatistics(momentum, variance, args.updatedWeights[meanIndex() + 1]);
    }

    void apply(const ForwardArgs& args, std::span<const float> x, std::span<float> y) const {
        const std::span<const float> mean = args.weights[meanIndex()];
        const std::span<const float> variance = args.weights[meanIndex() + 1];
        batchNormInference(*args.parallel, ofBatch(args.batch),
                           {.epsilon = static_cast<float>(m_options.epsilon),
                            .x = x,
                            .gamma = optional(args.weights, gammaIndex()),
                            .beta = optional(args.weights, betaIndex()),
                            .mean = mean,
                            .variance = variance,
                            .y = y,
                            .relu = m_relu});
        if (args.phase == Phase::Training) {
            keepStatistics(args, mean, variance);
        }
    }

    /// A frozen layer: the backward pass finds the moving statistics where it looks for the
    /// batch's.
    void keepStatistics(const ForwardArgs& args, std::span<const float> mean,
                        std::span<const float> variance) const {
        const std::span<float> statistics = savedFloats(args.saved);
        std::ranges::copy(mean, channel(statistics, 0).begin());
        const auto epsilon = static_cast<float>(m_options.epsilon);
        std::ranges::transform(variance, channel(statistics, 1).begin(), [epsilon](float value) {
            return 1.0F / std::sqrt(value + epsilon);
        });
        const std::span<const float> gamma = optional(args.weights, gammaIndex());
        const std::span<float> factor = channel(statistics, 3);
        for (std::size_t c = 0; c < factor.size(); ++c) {
            factor[c] = (gamma.empty() ? 1.0F : gamma[c]) / std::sqrt(variance[c] + epsilon);
        }
    }

    BatchNormalization m_options;
    AxisSplit m_split;
    bool m_relu;
};

std::shared_ptr<const Kernel> kernelOf(const BatchNormalization& options, Definition::Inputs inputs,
                                       const Shape& /*output*/) {
    return std::make_shared<BatchNormalizationKernel>(
        options, splitAround(inputs[0], *axisIndex(options.axis, inputs[0].rank())));
}

} // namespace

LayerDef batch_normalization() {
    return Definition("BatchNormalization", Category::Normalization,
                      "Brings each channel to mean 0 and variance 1, then rescales it.")
        .formulas("as the input",
                  "2 · size of the axis trained (gamma, beta; each only with scale, center) + 2 · "
                  "size of the axis not trained (moving mean, moving variance)")
        .help("While training, every channel is shifted and scaled so that over the batch its mean "
              "is 0 and its variance 1; then two learned numbers per channel, gamma and beta, give "
              "it the range that suits the next layer: gamma · (x − mean) ÷ √(variance + epsilon) "
              "+ beta. Training becomes faster and bears larger "
              "learning rates. When predicting, running averages of mean and variance take the "
              "place of the batch's own. Put it between a convolution without bias and its "
              "activation. Four numbers per channel, two of them trained. Works badly with very "
              "small batches.")
        .mixesBatch()
        .param(&BatchNormalization::axis, "axis",
               axisDetail("The axis whose positions are normalised each by itself: -1, the "
                          "channels, for images."))
        .param(&BatchNormalization::momentum, "momentum",
               {.min = 0.0,
                .max = 1.0,
                .step = 0.01,
                .help = "How slowly the running averages follow the batches. Lower it to 0.9 when "
                        "training takes only few steps."})
        .param(&BatchNormalization::epsilon, "epsilon", steadyingDetail())
        .param(&BatchNormalization::center, "center",
               {.help = "Learns an offset, beta, for each channel."})
        .param(&BatchNormalization::scale, "scale",
               {.help = "Learns a factor, gamma, for each channel. Not needed when the next layer "
                        "is linear or relu followed by one."})
        .with(weightArguments<BatchNormalization>(
            {{&BatchNormalization::beta, "beta", "the offsets beta", "center"},
             {&BatchNormalization::gamma, "gamma", "the factors gamma", "scale"},
             {&BatchNormalization::movingMean, "moving_mean", "the running means", "",
              WeightArguments::InitializerOnly},
             {&BatchNormalization::movingVariance, "moving_variance", "the running variances", "",
              WeightArguments::InitializerOnly}}))
        .param(&BatchNormalization::renorm, "renorm",
               {.help = "Batch renormalization corrects small batches by the running averages. It "
                        "is not available here and must stay off."})
        .param(&BatchNormalization::synchronized, "synchronized",
               {.help = "Takes mean and variance over the batches of all computers that train "
                        "together. On a single computer, as here, it changes nothing."})
        .shape(shapeOf)
        .kernel(kernelOf)
        .weights(weightsOf)
        .cost(costOf)
        .example({{5, 4, 3}});
}

} // namespace nn::layers
