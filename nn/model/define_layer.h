#pragma once

#include "nn/model/define_params.h"
#include "nn/model/layer_def.h"

namespace nn {

/// A layer without weights, cost and window, as a definition begins.
[[nodiscard]] LayerDef plainLayer(std::string type, Category category, std::string summary);
[[nodiscard]] LayerDef withArguments(LayerDef def, const ParamTableBase& table);

/// Builds a `LayerDef` from a plain options struct:
/// `return DefineLayer<Conv2D>("Conv2D", Category::Convolution, "…").param(…).shape(…)…;`
/// The functions given receive the options already read from the arguments.
template <typename Options>
class DefineLayer {
public:
    using Inputs = std::span<const Shape>;
    using Shaped = tl::expected<Shape, LayerProblem>;

    DefineLayer(std::string type, Category category, std::string summary)
        : m_def(plainLayer(std::move(type), category, std::move(summary))) {}

    /// `member` is a pointer to a member of the options, or a function that gives a reference to
    /// a part of them.
    template <typename Member>
    DefineLayer& param(Member member, std::string name, ParamDetail detail) {
        m_table->add(member, std::move(name), std::move(detail));
        return *this;
    }
    /// Lets a function add what several layers share: `.with(weightArguments<Dense>(…))`.
    template <typename Function>
    DefineLayer& with(const Function& function) {
        function(*this);
        return *this;
    }
    DefineLayer& help(std::string text) {
        m_def.help = std::move(text);
        return *this;
    }
    /// How the help page says what the shape and the number of weights are; no weights: leave out.
    DefineLayer& formulas(std::string shape, std::string params = {}) {
        m_def.shapeFormula = std::move(shape);
        m_def.paramsFormula = std::move(params);
        return *this;
    }
    DefineLayer& arity(Arity arity) {
        m_def.arity = arity;
        return *this;
    }
    DefineLayer& randomWhenTraining() {
        m_def.randomWhenTraining = true;
        return *this;
    }
    DefineLayer& mixesBatch() {
        m_def.mixesBatch = true;
        return *this;
    }
    /// Inputs (without batch) and arguments that the sweep tests run on.
    DefineLayer& example(std::vector<Shape> inputs, ParamMap params = {}) {
        m_def.exampleInputs = std::move(inputs);
        m_def.exampleParams = std::move(params);
        return *this;
    }

    DefineLayer& shape(std::function<Shaped(const Options&, Inputs)> function) {
        m_def.shape = [table = m_table, function](const LayerContext& context) {
            return function(table->options(context.params), context.inputs);
        };
        return *this;
    }
    DefineLayer& weights(std::function<std::vector<WeightSpec>(const Options&, Inputs)> function) {
        m_def.weights = [table = m_table, function](const LayerContext& context) {
            return function(table->options(context.params), context.inputs);
        };
        return *this;
    }
    DefineLayer& cost(std::function<LayerCost(const Options&, Inputs, const Shape&)> function) {
        m_def.cost = [table = m_table, function](const LayerContext& context, const Shape& output) {
            return function(table->options(context.params), context.inputs, output);
        };
        return *this;
    }
    DefineLayer& window(std::function<Window(const Options&, Inputs)> function) {
        m_def.window = [table = m_table, function](const LayerContext& context) {
            return function(table->options(context.params), context.inputs);
        };
        return *this;
    }
    DefineLayer& kernel(
        std::function<std::shared_ptr<const Kernel>(const Options&, Inputs, const Shape&)> make) {
        m_def.kernel = [table = m_table, make](const LayerContext& context, const Shape& output) {
            return make(table->options(context.params), context.inputs, output);
        };
        return *this;
    }

    // NOLINTNEXTLINE(google-explicit-constructor): the definition is the value of the expression.
    operator LayerDef() const { return withArguments(m_def, *m_table); }

private:
    LayerDef m_def;
    std::shared_ptr<ParamTable<Options>> m_table = std::make_shared<ParamTable<Options>>();
};

/// A `LayerProblem` as the failing result of a shape function.
[[nodiscard]] inline tl::unexpected<LayerProblem> layerProblem(std::string message,
                                                               std::string param = {}) {
    return tl::unexpected<LayerProblem>(LayerProblem{std::move(message), std::move(param)});
}

} // namespace nn
