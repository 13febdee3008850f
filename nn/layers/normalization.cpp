#include "nn/layers/support/normalization.h"
#include "nn/layers/support/broadcast.h"
#include "nn/layers/support/copies.h"

#include <algorithm>
#include <cmath>

namespace nn::layers {

namespace {

struct Normalization {
    std::vector<std::int64_t> axis{-1};
    std::optional<std::vector<double>> mean;
    std::optional<std::vector<double>> variance;
    bool invert = false;
};
using Definition = DefineLayer<Normalization>;

/// The input's shape with 1 along the axes that share their statistics.
Shape statisticsShape(const Normalization& options, const Shape& input) {
    Shape shape(std::vector<std::int64_t>(input.rank(), 1));
    for (const std::int64_t axis : options.axis) {
        const auto index = axisIndex(axis, input.rank());
        if (index) {
            shape[*index] = input[*index];
        }
    }
    return shape;
}

/// Why the numbers given do not fit the axes, or nothing.
std::optional<LayerProblem> numbersProblem(const Normalization& options, std::int64_t positions) {
    if (options.mean.has_value() != options.variance.has_value()) {
        return LayerProblem{"Normalization needs both mean and variance, or neither: then they are "
                            "measured on the training data.",
                            options.mean ? "variance" : "mean"};
    }
    if (!options.mean) {
        return std::nullopt;
    }
    for (const auto* numbers : {&*options.mean, &*options.variance}) {
        const auto count = static_cast<std::int64_t>(numbers->size());
        if (count != 1 && count != positions) {
            return LayerProblem{"Normalization needs one number for all or one for each of the " +
                                    std::to_string(positions) +
                                    " positions along its axis, but was given " +
                                    std::to_string(count) + ".",
                                numbers == &*options.mean ? "mean" : "variance"};
        }
    }
    const bool negative = std::ranges::any_of(*options.variance, [](double v) { return v < 0.0; });
    return negative
               ? std::optional(LayerProblem{"A variance of Normalization is below 0. Variances "
                                            "are means of squares: 0 or more.",
                                            "variance"})
               : std::nullopt;
}

Definition::Shaped shapeOf(const Normalization& options, Definition::Inputs inputs) {
    if (!options.axis.empty()) {
        if (const auto axes = axisIndices("Normalization", options.axis, inputs[0]); !axes) {
            return tl::unexpected(axes.error());
        }
    }
    const auto extents = extentsAlong("Normalization", options.axis, inputs[0]);
    if (!extents) {
        return tl::unexpected(extents.error());
    }
    if (auto problem = numbersProblem(options, extents->count())) {
        return tl::unexpected(*problem);
    }
    return inputs[0];
}

std::vector<WeightSpec> weightsOf(const Normalization& options, Definition::Inputs inputs) {
    if (options.mean) {
        return {};
    }
    Shape kept;
    if (!options.axis.empty()) {
        std::vector<std::int64_t> extents;
        for (const std::size_t axis : axisIndices("Normalization", options.axis, inputs[0])
                                          .value_or(std::vector<std::size_t>{})) {
            extents.push_back(inputs[0][axis]);
        }
        kept = Shape(std::move(extents));
    }
    return {{"mean", kept, ParamObject("Zeros"), false},
            {"variance", kept, ParamObject("Ones"), false},
            {"count", Shape{}, ParamObject("Zeros"), false}};
}

LayerCost costOf(const Normalization& /*options*/, Definition::Inputs /*inputs*/,
                 const Shape& output) {
    return {.otherOperations = saturatedProduct({elementsOrZero(output), 2})};
}

class NormalizationKernel final : public Kernel {
public:
    NormalizationKernel(const Normalization& options, const Shape& input)
        : m_statistics(statisticsShape(options, input)), m_stretch(m_statistics, input),
          m_inverts(options.invert) {
        if (options.mean) {
            m_mean = spread(*options.mean);
            m_variance = spread(*options.variance);
        }
    }

    [[nodiscard]] KernelMemory memory(std::int64_t /*batch*/, Phase /*phase*/) const override {
        return {.scratchFloats = 2 * m_statistics.count()};
    }
    void forward(const ForwardArgs& args) const override {
        const auto [offset, factor] = numbers(args.weights, args.scratch);
        copyValues(*args.parallel, args.inputs[0], args.output);
        if (m_inverts) {
            m_stretch.multiply(*args.parallel, args.batch, factor, args.output);
        }
        m_stretch.add(*args.parallel, args.batch, offset, args.output);
        if (!m_inverts) {
            m_stretch.multiply(*args.parallel, args.batch, factor, args.output);
        }
    }
    void backward(const BackwardArgs& args) const override {
        const std::span<float> gradient = args.inputGradients[0];
        if (!gradient.empty()) {
            const auto [offset, factor] = numbers(args.weights, args.scratch);
            copyValues(*args.parallel, args.outputGradient, gradient);
            m_stretch.multiply(*args.parallel, args.batch, factor, gradient);
        }
    }
    [[nodiscard]] bool backwardReadsInputs() const override { return false; }
    [[nodiscard]] bool backwardReadsOutput() const override { return false; }
    [[nodiscard]] bool runsInPlace() const override { return true; }

private:
    struct Numbers {
        std::span<const float> offset;
        std::span<const float> factor;
    };

    [[nodiscard]] std::vector<float> spread(const std::vector<double>& given) const {
        std::vector<float> values(static_cast<std::size_t>(m_statistics.count()));
        for (std::size_t i = 0; i < values.size(); ++i) {
            values[i] = static_cast<float>(given[given.size() == 1 ? 0 : i]);
        }
        return values;
    }

    /// (x - mean) / deviation, or x deviation + mean.
    [[nodiscard]] Numbers numbers(std::span<const std::span<const float>> weights,
                                  std::span<float> scratch) const {
        constexpr float kSmallest = 1e-7F;
        const std::span<const float> mean = m_mean.empty() ? weights[0] : m_mean;
        const std::span<const float> variance = m_mean.empty() ? weights[1] : m_variance;
        const std::span<float> offset = scratch.first(mean.size());
        const std::span<float> factor = scratch.subspan(mean.size(), mean.size());
        for (std::size_t i = 0; i < mean.size(); ++i) {
            const float deviation = std::max(std::sqrt(variance[i]), kSmallest);
            offset[i] = m_inverts ? mean[i] : -mean[i];
            factor[i] = m_inverts ? deviation : 1.0F / deviation;
        }
        return {offset, factor};
    }

    Shape m_statistics;
    Broadcast m_stretch;
    std::vector<float> m_mean; ///< As given; empty: they are the layer's variables.
    std::vector<float> m_variance;
    bool m_inverts;
};

std::shared_ptr<const Kernel> kernelOf(const Normalization& options, Definition::Inputs inputs,
                                       const Shape& /*output*/) {
    return std::make_shared<NormalizationKernel>(options, inputs[0]);
}

} // namespace

LayerDef normalization() {
    return Definition("Normalization", Category::Core,
                      "Shifts and scales data by a fixed mean and variance.")
        .help("Subtracts the mean and divides by the standard deviation, so that what comes in has "
              "mean 0 and variance 1: usually the first layer. Give mean and variance, one number "
              "for all or one per channel, or leave them out: then they are measured on the "
              "training data before the first step and kept with the weights. Unlike "
              "BatchNormalization nothing is learned and nothing changes while training. Without "
              "given numbers it has two per position along axis and a count, none of them "
              "trained.")
        .formulas("as the input",
                  "2 × product of the sizes along axis + 1, none if mean and variance are given")
        .param(&Normalization::axis, "axis",
               axisDetail("The axes whose positions each have their own mean and variance: -1, the "
                          "channels. An empty list takes one of each for all values."))
        .param(&Normalization::mean, "mean",
               {.min = -1e30,
                .max = 1e30,
                .help = "The mean to subtract: one number, or one for each position along axis. "
                        "None measures it on the training data."})
        .param(&Normalization::variance, "variance",
               {.min = 0.0,
                .max = 1e30,
                .help = "The variance by whose root is divided: one number, or one for each "
                        "position along axis. None measures it on the training data."})
        .param(&Normalization::invert, "invert",
               {.help = "Goes the other way: multiplies by the standard deviation and adds the "
                        "mean."})
        .shape(shapeOf)
        .kernel(kernelOf)
        .weights(weightsOf)
        .cost(costOf)
        .example({{5, 4, 3}});
}

} // namespace nn::layers
