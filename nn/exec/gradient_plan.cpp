#include "nn/exec/planner.h"

#include <algorithm>
#include <utility>

namespace nn {

bool Planner::sharesGradient(std::size_t i) const {
    const NetworkLayer& layer = m_layers[i];
    const std::size_t source = layer.inputs[0];
    return layer.inputs.size() == 1 && m_layers[source].readers.size() == 1 && !isOutput(source) &&
           (isIdentity(i) || (kernel(i).runsInPlace() && layer.output == m_layers[source].output));
}

void Planner::planRoutes() {
    // The caller has written the gradients of outputs before anything runs.
    std::vector<char> written(m_layers.size(), 0);
    for (std::size_t i = 0; i < m_layers.size(); ++i) {
        written[i] = static_cast<char>(isOutput(i));
    }
    for (std::size_t i = m_layers.size(); i-- > 0;) {
        const NetworkLayer& layer = m_layers[i];
        for (std::size_t port = 0; port < layer.inputs.size(); ++port) {
            const std::size_t source = layer.inputs[port];
            if (!layer.needsGradient || !m_layers[source].needsGradient || isAbsorbed(i)) {
                continue;
            }
            GradientRoute& route = m_plan.layers[i].routes[port];
            if (sharesGradient(i)) {
                route = GradientRoute::Shared;
            } else {
                const GradientRoute again = !isIdentity(i) && kernel(i).addsInputGradient()
                                                ? GradientRoute::Onto
                                                : GradientRoute::Added;
                route = written[source] != 0 ? again : GradientRoute::Direct;
                // Identity layers that cannot share pass their gradient on by a copy.
                m_plan.layers[i].runsBackward = true;
            }
            written[source] = 1;
        }
    }
}

void Planner::planActivations() {
    for (std::size_t i = 0; i < m_layers.size(); ++i) {
        LayerPlan& plan = m_plan.layers[i];
        if (!plan.runsBackward || plan.routes.size() != 1 ||
            plan.routes[0] != GradientRoute::Direct) {
            continue;
        }
        const std::size_t source = m_layers[i].inputs[0];
        LayerPlan& before = m_plan.layers[writer(source)];
        if (m_layers[source].readers.size() != 1 || isOutput(source) || !before.runsBackward ||
            isIdentity(source)) {
            continue;
        }
        const std::optional<Activation> function = kernel(writer(source)).endsIn();
        if (function && kernel(i).doesGradientOf(*function)) {
            plan.inputActivation = *function;
            before.activationDone = true;
        }
    }
}

void Planner::planGradients() {
    const std::int64_t batch = m_options.batchCapacity;
    std::vector<std::int64_t> first(m_layers.size(), m_end);
    for (std::size_t i = 0; i < m_layers.size(); ++i) {
        LayerPlan& plan = m_plan.layers[i];
        const std::size_t from = writer(i);
        const std::vector<GradientRoute>& routes = m_plan.layers[from].routes;
        const bool shares = !routes.empty() && routes[0] == GradientRoute::Shared;
        plan.gradientOwner = shares ? m_plan.layers[m_layers[from].inputs[0]].gradientOwner : i;
        std::int64_t begin = isOutput(i) ? backwardStep(m_layers.size() - 1) : m_end;
        for (const std::size_t reader : m_layers[i].readers) {
            begin = std::min(begin, backwardStep(reader));
        }
        first[plan.gradientOwner] = std::min(first[plan.gradientOwner], begin);
    }
    for (std::size_t i = 0; i < m_layers.size(); ++i) {
        LayerPlan& plan = m_plan.layers[i];
        if (plan.gradientOwner == i && (m_layers[i].needsGradient || isOutput(i)) && !isFused(i)) {
            planGradient(i, first[i]);
        }
        for (std::size_t port = 0; port < plan.routes.size(); ++port) {
            if (plan.routes[port] == GradientRoute::Added) {
                const Shape& shape = m_layers[m_layers[i].inputs[port]].output;
                request(plan.addedGradients[port], i,
                        {floatBytes(shape, batch), backwardStep(i), backwardStep(i)});
            }
        }
    }
}

void Planner::planGradient(std::size_t i, std::int64_t first) {
    LayerPlan& plan = m_plan.layers[i];
    const StretchPlan* const within = stretchOf(i);
    plan.gradientIsLocal = within != nullptr && first > backwardStep(within->stretch.last);
    const std::int64_t rows = plan.gradientIsLocal ? rowsOf(*within) : m_options.batchCapacity;
    const MemoryRequest wanted{floatBytes(m_layers[i].output, rows), first, lastGradientUse(i)};
    if (plan.gradientIsLocal) {
        requestLocal(plan.gradient, i, wanted);
    } else {
        request(plan.gradient, i, wanted);
    }
}

void Planner::planVariables() {
    m_plan.variableGradients.resize(m_network.variables().size());
    std::vector<char> planned(m_network.variables().size(), 0);
    for (std::size_t i = m_layers.size(); i-- > 0;) {
        const std::vector<std::size_t>& variables = m_layers[i].variables;
        m_plan.layers[i].addedVariableGradients.resize(variables.size());
        for (std::size_t j = 0; j < variables.size(); ++j) {
            const Variable& described = m_network.variables()[variables[j]];
            if (!described.trainable || !m_layers[i].needsGradient ||
                m_products.layers[variables[j]]) {
                continue;
            }
            const bool isAdded = planned[variables[j]] != 0;
            planned[variables[j]] = 1;
            request(isAdded ? m_plan.layers[i].addedVariableGradients[j]
                            : m_plan.variableGradients[variables[j]],
                    i,
                    {floatBytes(described.spec.shape, 1), backwardStep(i),
                     isAdded ? backwardStep(i) : m_end});
        }
    }
    for (StretchPlan& plan : m_plan.stretches) {
        planSums(plan);
    }
}

void Planner::planSums(StretchPlan& plan) {
    std::int64_t offset = 0;
    for (std::size_t i = plan.stretch.first; i <= plan.stretch.last; ++i) {
        const std::vector<std::size_t>& variables = m_layers[i].variables;
        LayerPlan& layer = m_plan.layers[i];
        layer.sumOffsets.resize(variables.size());
        layer.sliceGradients.resize(variables.size());
        for (std::size_t j = 0; j < variables.size(); ++j) {
            const Variable& variable = m_network.variables()[variables[j]];
            if (variable.trainable) {
                layer.sumOffsets[j] = std::exchange(offset, offset + paddedFloats(variable));
                requestLocal(
                    layer.sliceGradients[j], i,
                    {floatBytes(variable.spec.shape, 1), backwardStep(i), backwardStep(i)});
            }
        }
    }
    const std::int64_t tasks = plan.stretch.tasks(m_options.batchCapacity);
    request(plan.sums, plan.stretch.first,
            {floatBytes(std::max(tasks, plan.workers) * plan.stretch.weightFloats),
             backwardStep(plan.stretch.last), backwardStep(plan.stretch.first)});
}

} // namespace nn
