#include "nn/layers/support/noise.h"

#include "nn/exec/part_kernel.h"
#include "nn/layers/support/broadcast.h"
#include "nn/layers/support/copies.h"
#include "nn/layers/support/dropout_key.h"

#include <cmath>

namespace nn {

namespace {

/// y = mask (x + shift) factor + offset.
struct Affine {
    double shift = 0.0;
    double factor = 1.0; ///< Besides the 1 / (1 - rate) of dropout.
    double offset = 0.0;
};

Affine momentsKept(double rate) {
    constexpr double kFloor = -1.6732632423543772 * 1.0507009873554805;
    const double a = 1.0 / std::sqrt((1.0 - rate) * (1.0 + rate * kFloor * kFloor));
    return {-kFloor, a * (1.0 - rate), a * kFloor - a * kFloor * rate};
}

class DropoutKernel final : public PartKernel {
public:
    DropoutKernel(const DropoutOptions& options, const Shape& input)
        : m_options(options), m_values(input.count()), m_period(m_values) {
        if (options.keepsMoments) {
            m_affine = momentsKept(options.rate);
        }
        if (options.noiseShape) {
            shareDecisions(input);
        }
    }

    [[nodiscard]] KernelMemory memory(std::int64_t batch, Phase phase) const override {
        const bool draws = phase == Phase::Training && m_mask;
        return {.scratchFloats = draws ? saturatedProduct({batch, m_maskFloats}) : 0};
    }
    void forward(const ForwardArgs& args) const override {
        if (args.phase == Phase::Inference) {
            copyValues(*args.parallel, args.inputs[0], args.output);
            return;
        }
        std::span<const float> x = args.inputs[0];
        if (m_options.keepsMoments) {
            scale(*args.parallel, 1.0F, static_cast<float>(m_affine.shift), x, args.output);
            x = args.output;
        }
        drop(args, x, args.output);
        if (m_options.keepsMoments) {
            scale(*args.parallel, static_cast<float>(m_affine.factor),
                  static_cast<float>(m_affine.offset), args.output, args.output);
        }
    }
    void backward(const BackwardArgs& args) const override {
        const std::span<float> gradient = args.inputGradients[0];
        if (gradient.empty()) {
            return;
        }
        drop(args, args.outputGradient, gradient);
        if (m_options.keepsMoments) {
            scale(*args.parallel, static_cast<float>(m_affine.factor), 0.0F, gradient, gradient);
        }
    }
    [[nodiscard]] bool backwardReadsInputs() const override { return false; }
    [[nodiscard]] bool backwardReadsOutput() const override { return false; }
    [[nodiscard]] bool isIdentity(Phase phase) const override {
        return phase == Phase::Inference || m_options.rate == 0.0;
    }
    [[nodiscard]] bool runsInPlace() const override { return true; }

private:
    /// Whole images that share the decisions of their channels need no mask of their own.
    void shareDecisions(const Shape& input) {
        const std::vector<std::int64_t>& given = *m_options.noiseShape;
        Shape mask = input;
        for (std::size_t i = 0; i < input.rank(); ++i) {
            mask[i] = given[i + 1] == kUnknown ? input[i] : given[i + 1];
        }
        m_sharesBatch = given[0] == 1;
        if (!m_sharesBatch && mask == input) {
            return;
        }
        if (!m_sharesBatch && mask.count() == input.back() && mask.back() == input.back()) {
            m_period = input.back();
            return;
        }
        m_maskFloats = mask.count();
        m_mask.emplace(mask, input);
    }

    template <typename Args>
    void drop(const Args& args, std::span<const float> x, std::span<float> y) const {
        Parallel& parallel = *args.parallel;
        const auto rate = static_cast<float>(m_options.rate);
        DropoutKey key = dropoutKey(args.key, m_options.seed);
        if (m_options.rate >= 1.0) {
            fill(parallel, 0.0F, y);
        } else if (!m_mask) {
            dropout(parallel, {args.batch, m_values, m_period},
                    {.rate = rate, .key = key, .x = x, .y = y});
        } else {
            const std::int64_t drawn = m_sharesBatch ? 1 : args.batch;
            key.firstRow = m_sharesBatch ? 0 : key.firstRow;
            const std::span<float> mask =
                args.scratch.first(static_cast<std::size_t>(drawn * m_maskFloats));
            fill(parallel, 1.0F, mask);
            dropout(parallel, {drawn, m_maskFloats, m_maskFloats},
                    {.rate = rate, .key = key, .x = mask, .y = mask});
            copyValues(parallel, x, y);
            m_mask->multiply(parallel, args.batch, mask, y);
        }
    }

    DropoutOptions m_options;
    Affine m_affine;
    std::int64_t m_values;
    std::int64_t m_period;
    std::int64_t m_maskFloats = 0;
    bool m_sharesBatch = false;
    std::optional<Broadcast> m_mask; ///< How decisions stretch over a sample.
};

class NoiseKernel final : public Kernel {
public:
    NoiseKernel(const NoiseOptions& options, std::int64_t values)
        : m_options(options), m_values(values) {}

    [[nodiscard]] KernelMemory memory(std::int64_t /*batch*/, Phase /*phase*/) const override {
        return {};
    }
    void forward(const ForwardArgs& args) const override {
        if (args.phase == Phase::Inference) {
            copyValues(*args.parallel, args.inputs[0], args.output);
        } else {
            apply(args, args.inputs[0], args.output);
        }
    }
    void backward(const BackwardArgs& args) const override {
        const std::span<float> gradient = args.inputGradients[0];
        if (gradient.empty()) {
            return;
        }
        if (m_options.use == NoiseUse::Add) {
            copyValues(*args.parallel, args.outputGradient, gradient);
        } else {
            apply(args, args.outputGradient, gradient);
        }
    }
    [[nodiscard]] bool backwardReadsInputs() const override { return false; }
    [[nodiscard]] bool backwardReadsOutput() const override { return false; }
    [[nodiscard]] bool isIdentity(Phase phase) const override {
        return phase == Phase::Inference || m_options.deviation == 0.0;
    }
    [[nodiscard]] bool runsInPlace() const override { return true; }

private:
    template <typename Args>
    void apply(const Args& args, std::span<const float> x, std::span<float> y) const {
        normalNoise(*args.parallel, {args.batch, m_values},
                    {.use = m_options.use,
                     .deviation = static_cast<float>(m_options.deviation),
                     .key = dropoutKey(args.key, m_options.seed),
                     .x = x,
                     .y = y});
    }

    NoiseOptions m_options;
    std::int64_t m_values;
};

} // namespace

std::shared_ptr<const Kernel> dropoutKernel(const DropoutOptions& options, const Shape& input) {
    return std::make_shared<DropoutKernel>(options, input);
}

std::shared_ptr<const Kernel> noiseKernel(const NoiseOptions& options, const Shape& input) {
    return std::make_shared<NoiseKernel>(options, input.count());
}

std::optional<LayerProblem> noiseShapeProblem(std::string_view layer,
                                              const std::optional<std::vector<std::int64_t>>& shape,
                                              const Shape& input) {
    if (!shape) {
        return std::nullopt;
    }
    bool fits = shape->size() == input.rank() + 1 && (*shape)[0] <= 1 && (*shape)[0] != 0;
    for (std::size_t i = 0; fits && i < input.rank(); ++i) {
        const std::int64_t extent = (*shape)[i + 1];
        fits = extent == 1 || extent == kUnknown || extent == input[i];
    }
    if (fits) {
        return std::nullopt;
    }
    return LayerProblem{std::string(layer) +
                            " needs a noise_shape with one number for the batch (-1, or 1 to share "
                            "decisions) and one for each axis of its input, " +
                            shapeText(input) + ": 1, -1 or the same size. It was given " +
                            pythonText(ParamValue(*shape)) + ".",
                        "noise_shape"};
}

ParamDetail rateDetail(std::string help) {
    return {.min = 0.0, .max = 1.0, .step = 0.05, .help = std::move(help), .required = true};
}

ParamDetail noiseShapeDetail() {
    return {.min = -1,
            .max = 1'073'741'824,
            .step = 1,
            .help = "Along axes of size 1 all values share a decision; -1 stands for the input's "
                    "own size. The batch comes first: -1, 1, 1, -1 drops whole channels of "
                    "images. None decides for each value."};
}

ParamDetail seedDetail() {
    return {.min = 0,
            .max = 2'147'483'647,
            .step = 1,
            .help = "Where this layer's random numbers start. None takes them from the training's "
                    "own seed."};
}

} // namespace nn
