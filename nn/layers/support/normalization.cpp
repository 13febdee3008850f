#include "nn/layers/support/normalization.h"

#include "nn/kernels/permute.h"
#include "nn/layers/support/copies.h"

#include <algorithm>

namespace nn {

namespace {

/// The axes that stay in front, then `axes`.
std::vector<std::size_t> axesLast(const Shape& shape, const std::vector<std::size_t>& axes) {
    std::vector<std::size_t> order;
    for (std::size_t i = 0; i < shape.rank(); ++i) {
        if (std::ranges::find(axes, i) == axes.end()) {
            order.push_back(i);
        }
    }
    order.insert(order.end(), axes.begin(), axes.end());
    return order;
}

/// The geometry of one sample of the batch.
GroupNormGeometry geometryOf(const NormalizationPlan& plan) {
    std::int64_t channels = 1;
    for (const std::size_t axis : plan.axes) {
        channels *= plan.input[axis];
    }
    const std::int64_t rest = plan.input.count() / channels;
    const bool hasGroups = plan.groups > 0;
    return {.samples = hasGroups ? 1 : rest,
            .positions = hasGroups ? rest : 1,
            .channels = channels,
            .groups = hasGroups ? plan.groups : 1,
            .scaling = plan.scaling,
            .epsilon = static_cast<float>(plan.epsilon)};
}

class NormalizationKernel final : public Kernel {
public:
    explicit NormalizationKernel(const NormalizationPlan& plan)
        : m_sample(geometryOf(plan)), m_toLast(plan.input, axesLast(plan.input, plan.axes)),
          m_back(m_toLast.inverse()), m_values(plan.input.count()), m_hasGamma(plan.hasGamma),
          m_hasBeta(plan.hasBeta) {}

    [[nodiscard]] KernelMemory memory(std::int64_t batch, Phase phase) const override {
        const GroupNormGeometry g = ofBatch(batch);
        const bool trains = phase == Phase::Training;
        const std::int64_t copies = m_toLast.isIdentity() ? 0 : trains ? 2 : 1;
        return {.savedBytes =
                    trains ? saturatedProduct({2 * g.samples, g.groups, sizeof(float)}) : 0,
                .scratchFloats =
                    groupNormScratchFloats(g) + saturatedProduct({copies, batch, m_values})};
    }

    void forward(const ForwardArgs& args) const override {
        const GroupNormGeometry g = ofBatch(args.batch);
        const Turned turned(*this, args.batch, args.scratch);
        std::span<const float> x = args.inputs[0];
        std::span<float> y = args.output;
        if (!m_toLast.isIdentity()) {
            m_toLast.run(*args.parallel, args.batch, x, turned.first);
            x = y = turned.first;
        }
        const auto groups = static_cast<std::size_t>(g.samples * g.groups);
        const bool keeps = args.phase == Phase::Training;
        const std::span<float> statistics = keeps ? savedFloats(args.saved) : std::span<float>{};
        groupNormForward(*args.parallel, g,
                         {.x = x,
                          .gamma = m_hasGamma ? args.weights[0] : std::span<const float>{},
                          .beta = m_hasBeta ? args.weights[betaIndex()] : std::span<const float>{},
                          .y = y,
                          .mean = keeps ? statistics.first(groups) : statistics,
                          .factor = keeps ? statistics.subspan(groups, groups) : statistics,
                          .scratch = turned.rest});
        if (!m_toLast.isIdentity()) {
            m_back.run(*args.parallel, args.batch, turned.first, args.output);
        }
    }

    void backward(const BackwardArgs& args) const override {
        const GroupNormGeometry g = ofBatch(args.batch);
        const Turned turned(*this, args.batch, args.scratch);
        std::span<const float> x = args.inputs[0];
        std::span<float> gradient = args.outputGradient;
        std::span<float> inputGradient = args.inputGradients[0];
        if (!m_toLast.isIdentity()) {
            m_toLast.run(*args.parallel, args.batch, x, turned.first);
            m_toLast.run(*args.parallel, args.batch, gradient, turned.second);
            x = turned.first;
            gradient = turned.second;
            inputGradient = inputGradient.empty() ? inputGradient : turned.second;
        }
        const auto groups = static_cast<std::size_t>(g.samples * g.groups);
        const std::span<const float> statistics = savedFloats(args.saved);
        groupNormBackward(
            *args.parallel, g,
            {.x = x,
             .gamma = m_hasGamma ? args.weights[0] : std::span<const float>{},
             .mean = statistics.first(groups),
             .factor = statistics.subspan(groups, groups),
             .dy = gradient,
             .dx = inputGradient,
             .dgamma = m_hasGamma ? args.weightGradients[0] : std::span<float>{},
             .dbeta = m_hasBeta ? args.weightGradients[betaIndex()] : std::span<float>{},
             .scratch = turned.rest});
        if (!m_toLast.isIdentity() && !args.inputGradients[0].empty()) {
            m_back.run(*args.parallel, args.batch, turned.second, args.inputGradients[0]);
        }
    }

    [[nodiscard]] bool backwardReadsOutput() const override { return false; }

private:
    /// Scratch memory: copies with the axes last (none when they are), and what is left.
    struct Turned {
        Turned(const NormalizationKernel& kernel, std::int64_t batch, std::span<float> scratch) {
            const bool copies = !kernel.m_toLast.isIdentity();
            const auto size = copies ? static_cast<std::size_t>(batch * kernel.m_values) : 0;
            const auto own =
                static_cast<std::size_t>(groupNormScratchFloats(kernel.ofBatch(batch)));
            rest = scratch.first(own);
            first = scratch.subspan(own, size);
            second = scratch.size() < own + 2 * size ? first : scratch.subspan(own + size, size);
        }
        std::span<float> first;
        std::span<float> second;
        std::span<float> rest;
    };

    [[nodiscard]] GroupNormGeometry ofBatch(std::int64_t batch) const {
        GroupNormGeometry g = m_sample;
        g.samples = saturatedProduct({g.samples, batch});
        return g;
    }
    [[nodiscard]] std::size_t betaIndex() const { return m_hasGamma ? 1 : 0; }

    GroupNormGeometry m_sample;
    Permutation m_toLast;
    Permutation m_back;
    std::int64_t m_values;
    bool m_hasGamma;
    bool m_hasBeta;
};

} // namespace

ParamDetail axesDetail(std::string help) {
    ParamDetail detail = axisDetail(std::move(help));
    detail.minCount = 1;
    return detail;
}

ParamDetail steadyingDetail() {
    return {.min = 0.0,
            .max = 1.0,
            .minExclusive = true,
            .step = 0.001,
            .help = "A small number added to the variance so that nothing is divided by zero."};
}

tl::expected<std::vector<std::size_t>, LayerProblem>
axisIndices(std::string_view layer, const std::vector<std::int64_t>& axes, const Shape& input) {
    std::vector<std::size_t> indices;
    for (const std::int64_t axis : axes) {
        const auto index = axisIndex(axis, input.rank());
        if (!index) {
            return tl::unexpected(axisProblem(layer, axis, input));
        }
        if (std::ranges::find(indices, *index) != indices.end()) {
            return layerProblem(std::string(layer) + " was given axis " + std::to_string(axis) +
                                    " twice. Name each axis once.",
                                "axis");
        }
        indices.push_back(*index);
    }
    if (indices.empty()) {
        return layerProblem(std::string(layer) +
                                " needs at least one axis; -1 is the last one, the channels.",
                            "axis");
    }
    std::ranges::sort(indices);
    return indices;
}

tl::expected<Shape, LayerProblem>
extentsAlong(std::string_view layer, const std::vector<std::int64_t>& axes, const Shape& input) {
    std::vector<std::int64_t> extents;
    for (const std::int64_t axis : axes) {
        const auto index = axisIndex(axis, input.rank());
        if (!index) {
            return tl::unexpected(axisProblem(layer, axis, input));
        }
        if (input[*index] == kUnknown) {
            return layerProblem(std::string(layer) + " keeps numbers for every position of axis " +
                                    std::to_string(axis) +
                                    ", but its size is open here. Give the Input layer a fixed "
                                    "size there, or normalise the channels (axis -1).",
                                "axis");
        }
        extents.push_back(input[*index]);
    }
    const Shape shape(std::move(extents));
    if (auto problem = sizeProblem(layer, "its weights", shape, "axis")) {
        return tl::unexpected(*problem);
    }
    return shape;
}

std::shared_ptr<const Kernel> normalizationKernel(const NormalizationPlan& plan) {
    return std::make_shared<NormalizationKernel>(plan);
}

} // namespace nn
