// What an optimizer remembers, as a value and back.
#include "nn/base/text.h"
#include "nn/train/optimizer.h"

#include <algorithm>
#include <cmath>

namespace nn {

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

OptimizerState Optimizer::emptyState() const {
    return {.optimizer = m_name,
            .iterations = m_iterations,
            .learningRate = m_learningRate,
            .scalars = m_scalars};
}

OptimizerState Optimizer::state() const {
    OptimizerState state = emptyState();
    visitSlots(m_states,
               [&](const Variable& variable, const std::string& name, const Tensor& values) {
                   state.values.push_back({variable.node, variable.spec.name, name, values});
               });
    return state;
}

OptimizerState Optimizer::takenState() {
    OptimizerState state = emptyState();
    std::vector<Tensor*> slots; // visited while all of them are still there
    visitSlots(m_states, [&](const Variable& variable, const std::string& name, Tensor& values) {
        state.values.push_back({variable.node, variable.spec.name, name, {}});
        slots.push_back(&values);
    });
    for (std::size_t i = 0; i < slots.size(); ++i) {
        state.values[i].values = std::move(*slots[i]);
    }
    m_lent = std::move(slots);
    return state;
}

void Optimizer::giveBack(OptimizerState state) {
    for (std::size_t i = 0; i < m_lent.size(); ++i) {
        *m_lent[i] = std::move(state.values[i].values);
    }
    m_lent.clear();
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

} // namespace nn
