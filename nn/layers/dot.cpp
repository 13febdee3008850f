#include "nn/exec/kernel.h"
#include "nn/kernels/group_normalization.h"
#include "nn/kernels/permute.h"
#include "nn/layers/support/copies.h"
#include "nn/layers/support/shapes.h"

#include <Eigen/Core>
#include <algorithm>
#include <array>

namespace nn::layers {

namespace {

struct Dot {
    std::vector<std::int64_t> axes{-1};
    bool normalize = false;
};
using Definition = DefineLayer<Dot>;

using Matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using Map = Eigen::Map<Matrix>;
using ConstMap = Eigen::Map<const Matrix>;

/// The axis of each input that is summed over, or nothing.
std::optional<std::array<std::size_t, 2>> axesOf(const Dot& options, Definition::Inputs inputs) {
    if (options.axes.empty() || options.axes.size() > 2) {
        return std::nullopt;
    }
    const auto first = axisIndex(options.axes.front(), inputs[0].rank());
    const auto second = axisIndex(options.axes.back(), inputs[1].rank());
    if (!first || !second) {
        return std::nullopt;
    }
    return std::array{*first, *second};
}

Definition::Shaped shapeOf(const Dot& options, Definition::Inputs inputs) {
    const auto axes = axesOf(options, inputs);
    const std::string shapes = shapeText(inputs[0]) + " and " + shapeText(inputs[1]);
    if (!axes) {
        return layerProblem("Dot needs one axis for both inputs or one for each, counted from 1 or "
                            "from the end, but was given " +
                                pythonText(ParamValue(options.axes)) + " for inputs of " + shapes +
                                ".",
                            "axes");
    }
    const std::int64_t length = inputs[0][(*axes)[0]];
    if (length == kUnknown || length != inputs[1][(*axes)[1]]) {
        return layerProblem("Dot sums over an axis that must have the same known size in both "
                            "inputs, but they are " +
                                shapes + " and the axes are " +
                                pythonText(ParamValue(options.axes)) + ".",
                            "axes");
    }
    std::vector<std::int64_t> extents;
    for (std::size_t port = 0; port < 2; ++port) {
        for (std::size_t i = 0; i < inputs[port].rank(); ++i) {
            if (i != (*axes)[port]) {
                extents.push_back(inputs[port][i]);
            }
        }
    }
    if (extents.empty()) {
        extents.push_back(1);
    }
    Shape output(std::move(extents));
    if (auto problem = sizeProblem("Dot", "its output", output, "axes")) {
        return tl::unexpected(*problem);
    }
    return output;
}

LayerCost costOf(const Dot& options, Definition::Inputs inputs, const Shape& output) {
    const auto axes = axesOf(options, inputs);
    const std::int64_t length = axes ? inputs[0][(*axes)[0]] : 0;
    return {.macs = saturatedProduct({elementsOrZero(output), std::max<std::int64_t>(length, 0)})};
}

/// The axes with `last` behind all others.
std::vector<std::size_t> withLast(std::size_t rank, std::size_t last) {
    std::vector<std::size_t> order;
    for (std::size_t i = 0; i < rank; ++i) {
        if (i != last) {
            order.push_back(i);
        }
    }
    order.push_back(last);
    return order;
}

/// An input as a matrix [rows][length] per sample.
struct Side {
    Side(const Shape& input, std::size_t axis, bool normalizes)
        : turn(input, withLast(input.rank(), axis)), back(turn.inverse()), length(input[axis]),
          rows(input.count() / length), values(input.count()),
          hasOwnCopy(normalizes || !turn.isIdentity()) {}

    Permutation turn;
    Permutation back;
    std::int64_t length;
    std::int64_t rows;
    std::int64_t values;
    bool hasOwnCopy; ///< It is turned or normalized before the product.
};

class DotKernel final : public Kernel {
public:
    DotKernel(std::array<Side, 2> sides, bool normalizes)
        : m_sides(std::move(sides)), m_normalizes(normalizes) {}

    [[nodiscard]] KernelMemory memory(std::int64_t batch, Phase phase) const override {
        std::int64_t floats = 0;
        for (const Side& side : m_sides) {
            // Turned, normalized, and the gradient of the matrix; what normalizing needs.
            const std::int64_t copies = phase == Phase::Training ? 3 : 2;
            floats += saturatedProduct({copies, batch, side.values});
            floats += saturatedProduct({2, batch, side.rows});
            floats += groupNormScratchFloats(geometry(side, batch));
        }
        return {.scratchFloats = floats};
    }

    void forward(const ForwardArgs& args) const override {
        std::span<float> rest = args.scratch;
        const Prepared a = prepared(args, 0, rest);
        const Prepared b = prepared(args, 1, rest);
        const std::int64_t outputs = m_sides[0].rows * m_sides[1].rows;
        args.parallel->run(args.batch, [&](std::int64_t sample, int /*worker*/) {
            Map y(args.output.data() + sample * outputs, m_sides[0].rows, m_sides[1].rows);
            y.noalias() = matrix(a.matrix, 0, sample) * matrix(b.matrix, 1, sample).transpose();
        });
    }

    void backward(const BackwardArgs& args) const override {
        std::span<float> rest = args.scratch;
        const std::array<Prepared, 2> sides{prepared(args, 0, rest), prepared(args, 1, rest)};
        for (std::size_t port = 0; port < 2; ++port) {
            if (!args.inputGradients[port].empty()) {
                sideBackward(args, port, sides, rest);
            }
        }
    }
    [[nodiscard]] bool backwardReadsOutput() const override { return false; }

private:
    /// An input turned and normalized, and what its gradient needs.
    struct Prepared {
        std::span<const float> turned = {};
        std::span<const float> matrix = {};
        std::span<float> mean = {};
        std::span<float> factor = {};
        std::span<float> scratch = {};
    };

    static GroupNormGeometry geometry(const Side& side, std::int64_t batch) {
        return {.samples = saturatedProduct({batch, side.rows}),
                .channels = side.length,
                .scaling = GroupScaling::Length,
                .epsilon = 1e-7F};
    }
    static std::span<float> taken(std::span<float>& rest, std::int64_t count) {
        const std::span<float> piece = rest.first(static_cast<std::size_t>(count));
        rest = rest.subspan(static_cast<std::size_t>(count));
        return piece;
    }
    [[nodiscard]] ConstMap matrix(std::span<const float> values, std::size_t port,
                                  std::int64_t sample) const {
        const Side& side = m_sides[port];
        return {values.data() + sample * side.values, side.rows, side.length};
    }

    template <typename Args>
    [[nodiscard]] Prepared prepared(const Args& args, std::size_t port,
                                    std::span<float>& rest) const {
        const Side& side = m_sides[port];
        Prepared result{.turned = args.inputs[port], .matrix = args.inputs[port]};
        if (!side.turn.isIdentity()) {
            const std::span<float> turned = taken(rest, args.batch * side.values);
            side.turn.run(*args.parallel, args.batch, args.inputs[port], turned);
            result.turned = result.matrix = turned;
        }
        if (m_normalizes) {
            const GroupNormGeometry g = geometry(side, args.batch);
            const std::span<float> unit = taken(rest, args.batch * side.values);
            result.mean = taken(rest, g.samples);
            result.factor = taken(rest, g.samples);
            result.scratch = taken(rest, groupNormScratchFloats(g));
            groupNormForward(*args.parallel, g,
                             {.x = result.turned,
                              .y = unit,
                              .mean = result.mean,
                              .factor = result.factor,
                              .scratch = result.scratch});
            result.matrix = unit;
        }
        return result;
    }

    void sideBackward(const BackwardArgs& args, std::size_t port,
                      const std::array<Prepared, 2>& sides, std::span<float> rest) const {
        const Side& side = m_sides[port];
        const std::int64_t outputs = m_sides[0].rows * m_sides[1].rows;
        const std::span<float> gradient =
            side.hasOwnCopy ? rest.first(static_cast<std::size_t>(args.batch * side.values))
                            : args.inputGradients[port];
        args.parallel->run(args.batch, [&](std::int64_t sample, int /*worker*/) {
            const ConstMap dy(args.outputGradient.data() + sample * outputs, m_sides[0].rows,
                              m_sides[1].rows);
            Map to(gradient.data() + sample * side.values, side.rows, side.length);
            if (port == 0) {
                to.noalias() = dy * matrix(sides[1].matrix, 1, sample);
            } else {
                to.noalias() = dy.transpose() * matrix(sides[0].matrix, 0, sample);
            }
        });
        if (m_normalizes) {
            groupNormBackward(*args.parallel, geometry(side, args.batch),
                              {.x = sides[port].turned,
                               .mean = sides[port].mean,
                               .factor = sides[port].factor,
                               .dy = gradient,
                               .dx = gradient,
                               .scratch = sides[port].scratch});
        }
        if (side.hasOwnCopy) {
            side.back.run(*args.parallel, args.batch, gradient, args.inputGradients[port]);
        }
    }

    std::array<Side, 2> m_sides;
    bool m_normalizes;
};

std::shared_ptr<const Kernel> kernelOf(const Dot& options, Definition::Inputs inputs,
                                       const Shape& /*output*/) {
    const auto axes = axesOf(options, inputs).value();
    return std::make_shared<DotKernel>(std::array{Side(inputs[0], axes[0], options.normalize),
                                                  Side(inputs[1], axes[1], options.normalize)},
                                       options.normalize);
}

} // namespace

LayerDef dot() {
    return Definition("Dot", Category::Merging,
                      "Multiplies two inputs along an axis and sums up: how alike they are.")
        .help("Multiplies the values of both inputs along one axis pairwise and sums the products, "
              "for every combination of the positions along their other axes: two rows give one "
              "number, two matrices their product. With normalize each vector is first scaled to "
              "length 1, and the result is the cosine of the angle between them, from −1 to 1: a "
              "measure of how alike two embeddings are. No weights.")
        .formulas("the sizes of the first input without its axis, then those of the second without "
                  "its axis; 1 if none is left")
        .arity({.min = 2, .max = 2})
        .param(&Dot::axes, "axes",
               [] {
                   ParamDetail detail =
                       axisDetail("The axis to sum over: one number for both inputs, or one for "
                                  "each. 1 is the first axis after the batch, -1 the last.");
                   detail.minCount = 1;
                   detail.maxCount = 2;
                   detail.required = true;
                   return detail;
               }())
        .param(&Dot::normalize, "normalize",
               {.help =
                    "Scales both inputs to length 1 along the axis first, so that the result is "
                    "the cosine of the angle between them."})
        .shape(shapeOf)
        .kernel(kernelOf)
        .cost(costOf)
        .example({{4, 3}, {3, 5}}, {{"axes", std::vector<std::int64_t>{2, 1}}});
}

} // namespace nn::layers
