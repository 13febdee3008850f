#pragma once

#include "nn/exec/constraints.h"
#include "nn/exec/initializers.h"
#include "nn/exec/regularizers.h"
#include "nn/layers/support/choices.h"

#include <optional>
#include <string>
#include <vector>

namespace nn {

/// What the user decides about one variable of a layer: Keras' kernel_initializer,
/// kernel_regularizer and kernel_constraint.
struct WeightOptions {
    ParamObject initializer{"GlorotUniform"};
    std::optional<ParamObject> regularizer = {};
    std::optional<ParamObject> constraint = {};

    [[nodiscard]] WeightSpec spec(std::string name, Shape shape) const {
        return {std::move(name), std::move(shape), initializer, true, regularizer, constraint};
    }
};

/// The usual start of a variable: `WeightOptions bias = startingAs("Zeros");`
[[nodiscard]] inline WeightOptions startingAs(std::string initializer) {
    return {.initializer = ParamObject(std::move(initializer))};
}

/// Which arguments of a variable a layer offers.
enum class WeightArguments { All, InitializerOnly };

/// One variable in the argument list of a layer.
template <typename Options>
struct WeightArgument {
    WeightOptions Options::*member = nullptr;
    std::string name = {};      ///< "kernel"
    std::string what = {};      ///< For the help: "the filters".
    std::string shownWhen = {}; ///< The switch that adds the variable: "use_bias".
    WeightArguments arguments = WeightArguments::All;
};

/// `what` is held to something. Hidden while the switch `shownWhen` is off.
[[nodiscard]] ParamDetail regularizerDetail(std::string_view what, const std::string& shownWhen);
[[nodiscard]] ParamDetail constraintDetail(std::string_view what, const std::string& shownWhen);
[[nodiscard]] ParamDetail activityRegularizerDetail();

/// Adds the arguments of all variables in Keras' order: initializers, regularizers, then that of
/// the output if there is one, constraints. For `DefineLayer::with`.
template <typename Options>
auto weightArguments(std::vector<WeightArgument<Options>> weights,
                     std::optional<ParamObject> Options::*activity = nullptr) {
    return [weights = std::move(weights), activity](DefineLayer<Options>& layer) {
        for (const WeightArgument<Options>& weight : weights) {
            layer.param(
                [member = weight.member](auto& options) -> auto& {
                    return (options.*member).initializer;
                },
                weight.name + "_initializer", initializerDetail(weight.what, weight.shownWhen));
        }
        for (const WeightArgument<Options>& weight : weights) {
            if (weight.arguments == WeightArguments::All) {
                layer.param(
                    [member = weight.member](auto& options) -> auto& {
                        return (options.*member).regularizer;
                    },
                    weight.name + "_regularizer", regularizerDetail(weight.what, weight.shownWhen));
            }
        }
        if (activity != nullptr) {
            layer.param(activity, "activity_regularizer", activityRegularizerDetail());
        }
        for (const WeightArgument<Options>& weight : weights) {
            if (weight.arguments == WeightArguments::All) {
                layer.param(
                    [member = weight.member](auto& options) -> auto& {
                        return (options.*member).constraint;
                    },
                    weight.name + "_constraint", constraintDetail(weight.what, weight.shownWhen));
            }
        }
    };
}

} // namespace nn
