#include "nn/train/optimizer.h"

#include "nn/base/text.h"
#include "nn/kernels/elementwise.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>

namespace nn {
namespace {

// An update longer than this could carry a weight out of float32's range in one step.
constexpr double kLargestUpdate = 1e30;

/// Parts of the state of a variable.
class Slots {
public:
    /// All of it; a slot may have another size than its variable.
    explicit Slots(std::span<Tensor> state) : m_count(state.size()) {
        for (std::size_t i = 0; i < m_count; ++i) {
            m_parts[i] = state[i].values();
        }
    }
    /// Slots that have a place for each number of their variable.
    Slots(std::span<Tensor> state, std::size_t first, std::size_t count) : Slots(state) {
        for (std::size_t i = 0; i < m_count; ++i) {
            m_parts[i] = m_parts[i].subspan(first, count);
        }
    }
    [[nodiscard]] OptimizerSlots all() const { return std::span(m_parts).first(m_count); }

private:
    std::array<std::span<float>, 3> m_parts; // no rule keeps more
    std::size_t m_count;
};

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

bool Optimizer::takesProducts() const {
    return updatesEachNumberAlone() && !m_options.clipnorm && !m_options.globalClipnorm &&
           !m_options.gradientAccumulationSteps;
}

bool Optimizer::apply(Parallel& parallel, std::span<const std::span<const float>> gradients,
                      Weights& weights, std::span<const ProductGradient> products) {
    assert(products.empty() || takesProducts());
    const std::int64_t every = m_options.gradientAccumulationSteps.value_or(1);
    if (m_options.gradientAccumulationSteps && !accumulate(parallel, gradients)) {
        return false;
    }
    if ((m_iterations + 1) % every == 0 && !updateAll(parallel, gradients, weights, products)) {
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

bool Optimizer::staysInRange(double squares) const {
    return learningRate() * std::sqrt(squares) <= kLargestUpdate;
}

/// The same answer as for stored gradients: first from a bound that costs nothing, and only where
/// that does not suffice from the numbers themselves.
bool Optimizer::productsStayInRange(Parallel& parallel, double squares,
                                    std::span<const ProductGradient> products) const {
    const auto total = [&](const auto& squaresOf) {
        SquareSum all{.sum = squares};
        for (const ProductGradient& gradient : products) {
            const SquareSum sum = squaresOf(gradient.product);
            all.sum += sum.sum;
            all.finite = all.finite && sum.finite;
        }
        return all.finite && staysInRange(all.sum);
    };
    return total([&](const GradientProduct& each) { return boundOfSquares(parallel, each); }) ||
           total([&](const GradientProduct& each) { return sumOfSquares(parallel, each); });
}

StepCommon Optimizer::stepCommon(const VariableState& state, double scale) const {
    StepCommon common{.learningRate = learningRate(),
                      .weightDecay = state.decays ? weightDecay(state.variable) : 0.0,
                      .gradientScale = scale};
    if (m_options.clipvalue) {
        common.gradientBound = *m_options.clipvalue;
    }
    return common;
}

bool Optimizer::updateAll(Parallel& parallel, std::span<const std::span<const float>> gradients,
                          Weights& weights, std::span<const ProductGradient> products) {
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
    if (!staysInRange(squares) || !productsStayInRange(parallel, squares, products)) {
        return false;
    }
    const std::int64_t step = updates() + 1;
    beginUpdate(step);
    for (std::size_t i = 0; i < gradients.size(); ++i) {
        if (gradients[i].empty()) {
            continue;
        }
        VariableState& state = m_states[i];
        const StepCommon common =
            stepCommon(state, mean * gradientScale(norms[i], std::sqrt(squares)));
        const Slots slots(state.values);
        update({.parallel = parallel, .common = common, .step = step, .variable = state.variable},
               used(i), weights.tensors[i].values(), slots.all());
        std::ranges::fill(state.accumulator.values(), 0.0F);
    }
    for (const ProductGradient& gradient : products) {
        updateInPieces(parallel, gradient, step, weights.tensors[gradient.variable].values());
    }
    return true;
}

void Optimizer::updateInPieces(Parallel& parallel, const ProductGradient& gradient,
                               std::int64_t step, std::span<float> weights) {
    VariableState& state = m_states[gradient.variable];
    const StepCommon common = stepCommon(state, gradientScale(0.0, 0.0));
    const GradientPieces pieces(parallel, gradient.product);
    parallel.run(pieces.count(), [&](std::int64_t task, int worker) {
        const GradientPiece piece = pieces.piece(task, worker);
        const std::size_t count = piece.values.size();
        const Slots slots(state.values, piece.first, count);
        // A piece is one task, so its kernels run on this thread alone.
        update({.parallel = m_alone[static_cast<std::size_t>(worker)],
                .common = common,
                .step = step,
                .variable = state.variable},
               piece.values, weights.subspan(piece.first, count), slots.all());
    });
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
