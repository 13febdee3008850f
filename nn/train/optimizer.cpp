#include "nn/train/optimizer.h"

#include "nn/base/text.h"
#include "nn/kernels/optimizer.h"
#include "nn/model/define_params.h"

#include <algorithm>

namespace nn {
namespace {

struct SgdOptions : Optimizer::Common {
    SgdOptions() { learningRate = 0.01; }
    double momentum = 0.0;
    bool nesterov = false;
};

struct AdamOptions : Optimizer::Common {
    double beta1 = 0.9;
    double beta2 = 0.999;
    double epsilon = 1e-7;
    bool amsgrad = false;
};

std::vector<Tensor> zerosLike(std::span<const Variable> variables, bool wanted) {
    std::vector<Tensor> tensors;
    tensors.reserve(variables.size());
    for (const Variable& variable : variables) {
        tensors.push_back(wanted && variable.trainable ? Tensor(variable.spec.shape) : Tensor());
    }
    return tensors;
}

class Sgd final : public Optimizer {
public:
    explicit Sgd(const SgdOptions& options) : m_options(options) {
        m_common = static_cast<const Common&>(options); // the part every optimizer has
    }

    void build(std::span<const Variable> variables) override {
        m_velocities = zerosLike(variables, m_options.momentum != 0.0);
    }

    void update(Parallel& parallel, std::size_t index, std::span<const float> gradient,
                double gradientScale, std::span<float> weights) override {
        const SgdStep step{.learningRate = m_options.learningRate,
                           .momentum = m_options.momentum,
                           .nesterov = m_options.nesterov,
                           .weightDecay = m_options.weightDecay.value_or(0.0),
                           .gradientScale = gradientScale};
        sgdStep(parallel, step, gradient, weights, m_velocities[index].values());
    }

private:
    SgdOptions m_options;
    std::vector<Tensor> m_velocities;
};

class Adam final : public Optimizer {
public:
    explicit Adam(const AdamOptions& options) : m_options(options) {
        m_common = static_cast<const Common&>(options); // the part every optimizer has
    }

    void build(std::span<const Variable> variables) override {
        m_first = zerosLike(variables, true);
        m_second = zerosLike(variables, true);
        m_largest = zerosLike(variables, m_options.amsgrad);
    }

    void update(Parallel& parallel, std::size_t index, std::span<const float> gradient,
                double gradientScale, std::span<float> weights) override {
        const AdamStep step{.learningRate = m_options.learningRate,
                            .beta1 = m_options.beta1,
                            .beta2 = m_options.beta2,
                            .epsilon = m_options.epsilon,
                            .step = iterations() + 1,
                            .weightDecay = m_options.weightDecay.value_or(0.0),
                            .gradientScale = gradientScale};
        adamStep(parallel, step, gradient, weights,
                 {.m = m_first[index].values(),
                  .v = m_second[index].values(),
                  .maximumV = m_largest[index].values()});
    }

private:
    AdamOptions m_options;
    std::vector<Tensor> m_first;
    std::vector<Tensor> m_second;
    std::vector<Tensor> m_largest;
};

template <typename Options>
void addLearningRate(ParamTable<Options>& table) {
    table.add(static_cast<double Options::*>(&Options::learningRate), "learning_rate",
              {.min = 0.0,
               .max = 1000.0,
               .minExclusive = true,
               .step = 0.0001,
               .help = "How far a step goes along the gradient. Too large: the loss jumps or "
                       "becomes NaN. Too small: nothing happens."});
}

template <typename Options>
void addCommon(ParamTable<Options>& table) {
    using Optional = std::optional<double> Options::*;
    table.add(static_cast<Optional>(&Options::weightDecay), "weight_decay",
              {.min = 0.0,
               .max = 1.0,
               .step = 0.001,
               .help = "Shrinks every weight by this share times the learning rate at each step, "
                       "which keeps weights small. None turns it off."});
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
}

OptimizerDef sgd() {
    auto table = std::make_shared<ParamTable<SgdOptions>>();
    addLearningRate(*table);
    table->add(&SgdOptions::momentum, "momentum",
               {.min = 0.0,
                .max = 1.0,
                .maxExclusive = true,
                .step = 0.1,
                .help = "Share of the last step that is kept: carries through flat places and "
                        "damps zigzag. 0.9 is usual, 0 turns it off."});
    table->add(&SgdOptions::nesterov, "nesterov",
               {.help = "Looks one momentum step ahead before it takes the gradient.",
                .shownWhenParam = "momentum",
                .shownWhenNot = 0.0});
    addCommon(*table);
    return {.name = "SGD",
            .help = "Stochastic gradient descent: a step straight down the gradient of one batch, "
                    "optionally with momentum.",
            .params = table->specs(),
            .stateFloats =
                [table](const ParamMap& params) {
                    return table->options(params).momentum != 0.0 ? 1 : 0;
                },
            .make = [table](const ParamMap& params) -> std::unique_ptr<Optimizer> {
                return std::make_unique<Sgd>(table->options(params));
            }};
}

OptimizerDef adam() {
    auto table = std::make_shared<ParamTable<AdamOptions>>();
    addLearningRate(*table);
    table->add(&AdamOptions::beta1, "beta_1",
               {.min = 0.0,
                .max = 1.0,
                .maxExclusive = true,
                .step = 0.01,
                .help = "Memory of the running mean of gradients."});
    table->add(&AdamOptions::beta2, "beta_2",
               {.min = 0.0,
                .max = 1.0,
                .maxExclusive = true,
                .step = 0.001,
                .help = "Memory of the running mean of squared gradients."});
    table->add(&AdamOptions::epsilon, "epsilon",
               {.min = 0.0,
                .max = 1.0,
                .minExclusive = true,
                .help = "Keeps the division by the root of the squared gradients finite."});
    table->add(&AdamOptions::amsgrad, "amsgrad",
               {.help = "Divides by the largest squared mean seen so far, which never lets a step "
                        "grow again. Costs one more number per weight."});
    addCommon(*table);
    return {.name = "Adam",
            .help = "Gives every weight a step size of its own from running means of its gradient "
                    "and squared gradient. The usual first choice.",
            .params = table->specs(),
            .stateFloats =
                [table](const ParamMap& params) { return table->options(params).amsgrad ? 3 : 2; },
            .make = [table](const ParamMap& params) -> std::unique_ptr<Optimizer> {
                return std::make_unique<Adam>(table->options(params));
            }};
}

} // namespace

const std::vector<OptimizerDef>& optimizerDefs() {
    static const std::vector<OptimizerDef> defs{sgd(), adam()};
    return defs;
}

const OptimizerDef* findOptimizerDef(std::string_view name) {
    const auto found = std::ranges::find_if(optimizerDefs(), [&](const OptimizerDef& def) {
        return lowerCase(def.name) == lowerCase(name);
    });
    return found == optimizerDefs().end() ? nullptr : &*found;
}

} // namespace nn
