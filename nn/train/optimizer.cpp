#include "nn/train/optimizer.h"

#include "nn/base/text.h"
#include "nn/kernels/elementwise.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace nn {
namespace {

// An update longer than this could carry a weight out of float32's range in one step.
constexpr double kLargestUpdate = 1e30;

Tensor filled(const SlotSpec& spec) {
    Tensor tensor(spec.shape);
    if (spec.initial != 0.0F) {
        std::ranges::fill(tensor.values(), spec.initial);
    }
    return tensor;
}

std::int64_t countOf(const Shape& shape) {
    return shape.elements().value_or(std::numeric_limits<std::int64_t>::max() / 8);
}

} // namespace

Optimizer::Optimizer(std::string name, OptimizerOptions options)
    : m_name(std::move(name)), m_options(std::move(options)),
      m_schedule(scheduleOf(m_options.learningRate)), m_learningRate(m_schedule(0)) {}

void Optimizer::beginUpdate(std::int64_t /*step*/) {}

bool Optimizer::decays(const Variable& variable) const {
    const std::vector<std::string> parts =
        split(m_options.excludeFromWeightDecay.value_or(""), ',');
    return std::ranges::none_of(parts, [&](const std::string& part) {
        const std::string_view word = trimmed(part);
        return !word.empty() && variable.spec.name.find(word) != std::string::npos;
    });
}

std::vector<SlotSpec> Optimizer::slotsOf(const Variable& variable) const {
    std::vector<SlotSpec> slots;
    if (!variable.trainable) {
        return slots;
    }
    if (m_options.useEma) {
        slots.push_back({.name = "average", .shape = variable.spec.shape, .group = -2});
    }
    if (m_options.gradientAccumulationSteps) {
        slots.push_back(
            {.name = "gradient_accumulator", .shape = variable.spec.shape, .group = -1});
    }
    for (SlotSpec& slot : ownSlots(variable)) {
        slots.push_back(std::move(slot));
    }
    return slots;
}

void Optimizer::build(std::span<const Variable> variables) {
    m_states.reserve(variables.size());
    for (const Variable& variable : variables) {
        VariableState state{
            .variable = variable, .decays = decays(variable), .average = {}, .accumulator = {}};
        for (SlotSpec& spec : slotsOf(variable)) {
            if (spec.group == -2) {
                state.average = filled(spec);
            } else if (spec.group == -1) {
                state.accumulator = filled(spec);
            } else {
                state.values.push_back(filled(spec));
                state.specs.push_back(std::move(spec));
            }
        }
        m_states.push_back(std::move(state));
    }
}

std::int64_t Optimizer::updates() const {
    return m_iterations / m_options.gradientAccumulationSteps.value_or(1);
}

bool Optimizer::hasSchedule() const {
    return std::holds_alternative<ParamObject>(m_options.learningRate);
}

double Optimizer::learningRate() const {
    return hasSchedule() ? m_schedule(m_iterations) : m_learningRate;
}

void Optimizer::setLearningRate(double rate) {
    if (!hasSchedule()) {
        m_learningRate = rate;
    }
}

std::span<const float> Optimizer::average(std::size_t variable) const {
    return m_states[variable].average.values();
}

std::span<const Tensor> Optimizer::slotValues(std::size_t variable) const {
    return m_states[variable].values;
}

bool Optimizer::apply(Parallel& parallel, std::span<const std::span<const float>> gradients,
                      Weights& weights) {
    const std::int64_t every = m_options.gradientAccumulationSteps.value_or(1);
    if (m_options.gradientAccumulationSteps && !accumulate(parallel, gradients)) {
        return false;
    }
    if ((m_iterations + 1) % every == 0 && !updateAll(parallel, gradients, weights)) {
        return false;
    }
    if (m_options.useEma) {
        updateAverages(parallel, weights);
    }
    ++m_iterations;
    return true;
}

bool Optimizer::accumulate(Parallel& parallel, std::span<const std::span<const float>> gradients) {
    for (const std::span<const float> gradient : gradients) {
        if (!sumOfSquares(parallel, gradient).finite) {
            return false;
        }
    }
    for (std::size_t i = 0; i < gradients.size(); ++i) {
        if (!gradients[i].empty()) {
            const std::span<float> sum = m_states[i].accumulator.values();
            nn::accumulate(parallel, gradients[i], sum);
        }
    }
    return true;
}

double Optimizer::gradientScale(double norm, double globalNorm) const {
    if (m_options.clipnorm) {
        return *m_options.clipnorm / std::max(norm, *m_options.clipnorm);
    }
    if (m_options.globalClipnorm) {
        return *m_options.globalClipnorm / std::max(globalNorm, *m_options.globalClipnorm);
    }
    return 1.0;
}

bool Optimizer::updateAll(Parallel& parallel, std::span<const std::span<const float>> gradients,
                          Weights& weights) {
    const auto used = [&](std::size_t i) -> std::span<const float> {
        const bool sums = m_options.gradientAccumulationSteps && !gradients[i].empty();
        return sums ? std::as_const(m_states[i].accumulator).values() : gradients[i];
    };
    const double mean = 1.0 / static_cast<double>(m_options.gradientAccumulationSteps.value_or(1));
    // A step allocates nothing, but for networks of very many variables.
    std::array<double, 256> few{};
    std::vector<double> many(gradients.size() > few.size() ? gradients.size() : 0);
    const std::span<double> norms = many.empty() ? std::span<double>(few) : many;
    double squares = 0.0;
    for (std::size_t i = 0; i < gradients.size(); ++i) {
        const SquareSum sum = sumOfSquares(parallel, used(i));
        if (!sum.finite) {
            return false;
        }
        norms[i] = std::sqrt(sum.sum) * mean;
        squares += norms[i] * norms[i];
    }
    const double globalNorm = std::sqrt(squares);
    if (learningRate() * globalNorm > kLargestUpdate) {
        return false;
    }
    const std::int64_t step = updates() + 1;
    beginUpdate(step);
    for (std::size_t i = 0; i < gradients.size(); ++i) {
        if (gradients[i].empty()) {
            continue;
        }
        VariableState& state = m_states[i];
        StepCommon common{.learningRate = learningRate(),
                          .weightDecay = state.decays ? m_options.weightDecay.value_or(0.0) : 0.0,
                          .gradientScale = mean * gradientScale(norms[i], globalNorm)};
        if (m_options.clipvalue) {
            common.gradientBound = *m_options.clipvalue;
        }
        update({.parallel = parallel, .common = common, .step = step, .variable = state.variable},
               used(i), weights.tensors[i].values(), state.values);
        std::ranges::fill(state.accumulator.values(), 0.0F);
    }
    return true;
}

void Optimizer::updateAverages(Parallel& parallel, Weights& weights) {
    const double momentum = updates() == 0 ? 0.0 : m_options.emaMomentum;
    const bool overwrites =
        m_options.emaOverwriteFrequency && (updates() + 1) % *m_options.emaOverwriteFrequency == 0;
    for (std::size_t i = 0; i < m_states.size(); ++i) {
        if (m_states[i].variable.trainable) {
            movingAverageStep(parallel, momentum, std::as_const(weights.tensors[i]).values(),
                              m_states[i].average.values());
            if (overwrites) {
                weights.tensors[i] = m_states[i].average;
            }
        }
    }
}

void Optimizer::finish(Parallel& /*parallel*/, Weights& weights) const {
    for (std::size_t i = 0; m_options.useEma && m_iterations > 0 && i < m_states.size(); ++i) {
        if (m_states[i].variable.trainable) {
            weights.tensors[i] = m_states[i].average;
        }
    }
}

/// Calls visit(variable, slot name, tensor) for all state, in Keras' order.
template <typename States, typename Visit>
void Optimizer::visitSlots(States& states, const Visit& visit) {
    int groups = 0;
    for (auto& state : states) {
        if (!state.average.isEmpty()) {
            visit(state.variable, "average", state.average);
        }
        for (const SlotSpec& spec : state.specs) {
            groups = std::max(groups, spec.group + 1);
        }
    }
    for (auto& state : states) {
        if (!state.accumulator.isEmpty()) {
            visit(state.variable, "gradient_accumulator", state.accumulator);
        }
    }
    for (int group = 0; group < groups; ++group) {
        for (auto& state : states) {
            for (std::size_t i = 0; i < state.specs.size(); ++i) {
                if (state.specs[i].group == group) {
                    visit(state.variable, state.specs[i].name, state.values[i]);
                }
            }
        }
    }
}

OptimizerState Optimizer::state() const {
    OptimizerState state{.optimizer = m_name,
                         .iterations = m_iterations,
                         .learningRate = m_learningRate,
                         .scalars = m_scalars};
    visitSlots(m_states,
               [&](const Variable& variable, const std::string& name, const Tensor& values) {
                   state.values.push_back({.node = variable.node,
                                           .variable = variable.spec.name,
                                           .slot = name,
                                           .values = values});
               });
    return state;
}

Expected<void> Optimizer::restore(const OptimizerState& state) {
    std::string problem;
    const auto sameName = [](const auto& a, const auto& b) { return a.first == b.first; };
    if (state.optimizer != m_name || state.iterations < 0 || !(state.learningRate >= 0.0) ||
        !std::isfinite(state.learningRate) ||
        !std::ranges::equal(state.scalars, m_scalars, sameName)) {
        problem = "it is of another kind";
    }
    std::vector<std::pair<Tensor*, const Tensor*>> copies;
    std::size_t next = 0;
    visitSlots(m_states, [&](const Variable& variable, const std::string& name, Tensor& values) {
        const SlotValue* slot = next < state.values.size() ? &state.values[next++] : nullptr;
        if (slot == nullptr || slot->node != variable.node ||
            slot->variable != variable.spec.name || slot->slot != name ||
            slot->values.shape() != values.shape()) {
            problem = !problem.empty() ? problem
                                       : "expected " + name + " of " + variable.layer + "/" +
                                             variable.spec.name + ", " + shapeText(values.shape());
        } else {
            copies.emplace_back(&values, &slot->values);
        }
    });
    if (problem.empty() && next != state.values.size()) {
        problem = "there is more of it";
    }
    if (!problem.empty()) {
        return failure(ErrorCode::Usage, "The saved state of the optimizer " + state.optimizer +
                                             " does not fit this network's " + m_name + ": " +
                                             problem + ". Begin a new run.");
    }
    for (const auto& [to, from] : copies) {
        *to = *from;
    }
    m_scalars = state.scalars;
    m_iterations = state.iterations;
    m_learningRate = state.learningRate;
    return {};
}

Expected<void> checkOptimizerParams(const OptimizerDef& def, const ParamMap& params) {
    std::vector<std::string> clippings;
    for (const char* name : {"clipnorm", "clipvalue", "global_clipnorm"}) {
        const auto found = params.find(name);
        if (found != params.end() && !std::holds_alternative<None>(found->second)) {
            clippings.emplace_back(name);
        }
    }
    if (clippings.size() > 1) {
        return failure(ErrorCode::Usage, def.name +
                                             " takes at most one of clipnorm, clipvalue and "
                                             "global_clipnorm, but received " +
                                             join(clippings, " and ") +
                                             ". Set the others to None.");
    }
    const auto rate = params.find("learning_rate");
    const auto* schedule = rate == params.end() ? nullptr : std::get_if<ParamObject>(&rate->second);
    return schedule == nullptr ? Expected<void>{} : checkSchedule(*schedule);
}

std::int64_t optimizerStateFloats(const OptimizerDef& def, const ParamMap& params,
                                  std::span<const Variable> variables) {
    const std::unique_ptr<Optimizer> optimizer = def.make(params);
    std::int64_t floats = 0;
    for (const Variable& variable : variables) {
        for (const SlotSpec& slot : optimizer->slotsOf(variable)) {
            if (__builtin_add_overflow(floats, countOf(slot.shape), &floats)) {
                return std::numeric_limits<std::int64_t>::max();
            }
        }
    }
    return floats;
}

std::int64_t optimizerVariableNumbers(const OptimizerDef& def, const ParamMap& params,
                                      std::span<const Variable> variables) {
    const std::unique_ptr<Optimizer> optimizer = def.make(params);
    const std::int64_t counters = optimizer->hasSchedule() ? 1 : 2; // iteration, learning rate
    return counters + optimizerStateFloats(def, params, variables) +
           static_cast<std::int64_t>(optimizer->scalarCount());
}

} // namespace nn
