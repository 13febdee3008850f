#pragma once

#include "nn/model/define_params.h"
#include "nn/train/optimizer.h"

namespace nn {

/// What is said about an argument that every optimizer has.
[[nodiscard]] ParamDetail commonDetail(std::string_view name);

/// Starts the table of an optimizer's arguments with those all have.
template <typename Options>
ParamTable<Options> optimizerTable() {
    ParamTable<Options> table;
    table.add(static_cast<RealOrObject Options::*>(&Options::learningRate), "learning_rate",
              commonDetail("learning_rate"));
    return table;
}

/// Adds one argument that all optimizers have. Not inlined: twelve copies of ten arguments are much
/// code, over which g++ 12 warns of things that are not there.
template <typename Options, typename T>
[[gnu::noipa]] void addCommonParam(ParamTable<Options>& table, T OptimizerOptions::*member,
                                   const char* name) {
    table.add(static_cast<T Options::*>(member), name, commonDetail(name));
}

/// The arguments all optimizers have besides the learning rate.
template <typename Options>
void addCommonParams(ParamTable<Options>& table) {
    const auto add = [&table](auto member, const char* name) {
        addCommonParam(table, member, name);
    };
    add(&OptimizerOptions::weightDecay, "weight_decay");
    add(&OptimizerOptions::excludeFromWeightDecay, "exclude_from_weight_decay");
    add(&OptimizerOptions::clipnorm, "clipnorm");
    add(&OptimizerOptions::clipvalue, "clipvalue");
    add(&OptimizerOptions::globalClipnorm, "global_clipnorm");
    add(&OptimizerOptions::useEma, "use_ema");
    add(&OptimizerOptions::emaMomentum, "ema_momentum");
    add(&OptimizerOptions::emaOverwriteFrequency, "ema_overwrite_frequency");
    add(&OptimizerOptions::gradientAccumulationSteps, "gradient_accumulation_steps");
    add(&OptimizerOptions::lossScaleFactor, "loss_scale_factor");
}

/// A definition from a finished table; `Made` is constructed from its options.
template <typename Made, typename Options>
OptimizerDef optimizerDef(std::string name, std::string help, ParamTable<Options> table) {
    addCommonParams(table);
    std::vector<ParamSpec> specs = table.specs();
    return {
        .name = std::move(name),
        .help = std::move(help),
        .params = std::move(specs),
        .make = [table = std::move(table)](const ParamMap& params) -> std::unique_ptr<Optimizer> {
            return std::make_unique<Made>(table.options(params));
        }};
}

/// The argument of a running mean: beta_1, rho.
[[nodiscard]] ParamDetail memoryDetail(std::string help, double step = 0.01);

/// epsilon, under a root or beside it.
[[nodiscard]] ParamDetail epsilonDetail();

} // namespace nn
