#include "nn/train/optimizers/define_optimizer.h"

#include <algorithm>
#include <cassert>

namespace nn {
namespace {

struct CommonDetail {
    std::string_view name;
    ParamDetail detail;
};

const std::vector<CommonDetail>& commonDetails() {
    static const std::vector<CommonDetail> details{
        {"learning_rate",
         {.min = 0.0,
          .max = 1000.0,
          .minExclusive = true,
          .step = 0.0001,
          .family = &scheduleFamily(),
          .help = "How far a step goes along the gradient. Too large: the loss jumps or "
                  "becomes NaN. Too small: nothing happens."}},
        {"weight_decay",
         {.min = 0.0,
          .max = 1.0,
          .step = 0.001,
          .help = "Shrinks every weight by this share times the learning rate at each step, "
                  "which keeps weights small. None turns it off."}},
        {"exclude_from_weight_decay",
         {.help = "Parts of weight names that are not shrunk, separated by commas: bias, or "
                  "bias, gamma, beta. None: all are.",
          .shownWhenParam = "weight_decay",
          .shownWhenNot = None{}}},
        {"clipnorm",
         {.min = 0.0,
          .minExclusive = true,
          .help = "Scales the gradient of each variable down to at most this length. At most "
                  "one of the three clippings may be set."}},
        {"clipvalue",
         {.min = 0.0,
          .minExclusive = true,
          .help = "Cuts every number of a gradient to the range from −clipvalue to "
                  "+clipvalue."}},
        {"global_clipnorm",
         {.min = 0.0,
          .minExclusive = true,
          .help = "Scales all gradients together down to at most this length."}},
        {"use_ema",
         {.help = "Keeps a moving average of every weight beside it; the averages are the "
                  "weights at the end of training. They are often a little better."}},
        {"ema_momentum",
         {.min = 0.0,
          .max = 1.0,
          .step = 0.01,
          .help = "Memory of the moving averages: 0.99 averages over about 100 steps.",
          .shownWhenParam = "use_ema",
          .shownWhenNot = false}},
        {"ema_overwrite_frequency",
         {.min = 1.0,
          .max = 1e9,
          .help = "Replaces the weights by their averages every so many steps during "
                  "training too. None: only at the end.",
          .shownWhenParam = "use_ema",
          .shownWhenNot = false}},
        {"gradient_accumulation_steps",
         {.min = 2.0,
          .max = 1e6,
          .help = "Averages the gradients of so many batches before a step: as a larger batch "
                  "would, with the memory of a small one. None: every batch is a step."}},
        {"loss_scale_factor",
         {.min = 0.0,
          .minExclusive = true,
          .help = "Keras scales the loss by it against underflow in half precision and takes "
                  "it out again. Receptive computes in float32, where it changes nothing."}},
    };
    return details;
}

} // namespace

ParamDetail commonDetail(std::string_view name) {
    const auto found = std::ranges::find(commonDetails(), name, &CommonDetail::name);
    assert(found != commonDetails().end());
    return found->detail;
}

ParamDetail memoryDetail(std::string help, double step) {
    return {.min = 0.0, .max = 1.0, .maxExclusive = true, .step = step, .help = std::move(help)};
}

ParamDetail epsilonDetail() {
    return {.min = 0.0,
            .max = 1.0,
            .minExclusive = true,
            .help = "Keeps the division by the root of the squared gradients finite."};
}

} // namespace nn
