#pragma once

#include "nn/model/define_params.h"
#include "nn/train/optimizer.h"

namespace nn {

/// Starts the table of an optimizer's arguments with those all have.
template <typename Options>
ParamTable<Options> optimizerTable() {
    ParamTable<Options> table;
    table.add(static_cast<double Options::*>(&Options::learningRate), "learning_rate",
              {.min = 0.0,
               .max = 1000.0,
               .minExclusive = true,
               .step = 0.0001,
               .help = "How far a step goes along the gradient. Too large: the loss jumps or "
                       "becomes NaN. Too small: nothing happens."});
    return table;
}

/// The arguments all optimizers have besides the learning rate.
template <typename Options>
void addCommonParams(ParamTable<Options>& table) {
    using Optional = std::optional<double> Options::*;
    using Count = std::optional<std::int64_t> Options::*;
    table.add(static_cast<Optional>(&Options::weightDecay), "weight_decay",
              {.min = 0.0,
               .max = 1.0,
               .step = 0.001,
               .help = "Shrinks every weight by this share times the learning rate at each step, "
                       "which keeps weights small. None turns it off."});
    table.add(static_cast<std::string Options::*>(&Options::excludeFromWeightDecay),
              "exclude_from_weight_decay",
              {.help = "Parts of weight names that are not shrunk, separated by commas: bias, or "
                       "bias, gamma, beta.",
               .shownWhenParam = "weight_decay",
               .shownWhenNot = None{}});
    table.add(static_cast<Optional>(&Options::clipnorm), "clipnorm",
              {.min = 0.0,
               .minExclusive = true,
               .help = "Scales the gradient of each variable down to at most this length. At most "
                       "one of the three clippings may be set."});
    table.add(static_cast<Optional>(&Options::clipvalue), "clipvalue",
              {.min = 0.0,
               .minExclusive = true,
               .help = "Cuts every number of a gradient to the range from −clipvalue to "
                       "+clipvalue."});
    table.add(static_cast<Optional>(&Options::globalClipnorm), "global_clipnorm",
              {.min = 0.0,
               .minExclusive = true,
               .help = "Scales all gradients together down to at most this length."});
    table.add(static_cast<bool Options::*>(&Options::useEma), "use_ema",
              {.help = "Keeps a moving average of every weight beside it; the averages are the "
                       "weights at the end of training. They are often a little better."});
    table.add(static_cast<double Options::*>(&Options::emaMomentum), "ema_momentum",
              {.min = 0.0,
               .max = 1.0,
               .step = 0.01,
               .help = "Memory of the moving averages: 0.99 averages over about 100 steps.",
               .shownWhenParam = "use_ema",
               .shownWhenNot = false});
    table.add(static_cast<Count>(&Options::emaOverwriteFrequency), "ema_overwrite_frequency",
              {.min = 1.0,
               .max = 1e9,
               .help = "Replaces the weights by their averages every so many steps during "
                       "training too. None: only at the end.",
               .shownWhenParam = "use_ema",
               .shownWhenNot = false});
    table.add(static_cast<Count>(&Options::gradientAccumulationSteps),
              "gradient_accumulation_steps",
              {.min = 2.0,
               .max = 1e6,
               .help = "Averages the gradients of so many batches before a step: as a larger batch "
                       "would, with the memory of a small one. None: every batch is a step."});
    table.add(static_cast<Optional>(&Options::lossScaleFactor), "loss_scale_factor",
              {.min = 0.0,
               .minExclusive = true,
               .help = "Keras scales the loss by it against underflow in half precision and takes "
                       "it out again. Receptive computes in float32, where it changes nothing."});
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
inline ParamDetail memoryDetail(std::string help, double step = 0.01) {
    return {.min = 0.0, .max = 1.0, .maxExclusive = true, .step = step, .help = std::move(help)};
}

/// epsilon, under a root or beside it.
inline ParamDetail epsilonDetail() {
    return {.min = 0.0,
            .max = 1.0,
            .minExclusive = true,
            .help = "Keeps the division by the root of the squared gradients finite."};
}

} // namespace nn
