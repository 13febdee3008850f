#include "nn/exec/weights.h"

#include "nn/base/parallel.h"

namespace nn {

namespace {

/// From so many numbers on it is worth to draw them with all cores.
constexpr std::int64_t kMany = 1 << 20;

} // namespace

std::vector<Variable> variablesOf(const Graph& graph, const Inference& inference) {
    std::vector<Variable> variables;
    for (const NodeId id : inference.order) {
        const Node* node = findNode(graph, id);
        const NodeInference* known = inference.find(id);
        if (node == nullptr || known == nullptr) {
            continue;
        }
        for (const WeightSpec& spec : known->weights) {
            variables.push_back({id, node->name, spec, spec.trainable && node->trainable});
        }
    }
    return variables;
}

const Tensor* Weights::find(NodeId node, std::string_view name) const {
    for (std::size_t i = 0; i < variables.size(); ++i) {
        if (variables[i].node == node && variables[i].spec.name == name) {
            return &tensors[i];
        }
    }
    return nullptr;
}

Weights initialWeights(const std::vector<Variable>& variables, std::uint64_t seed) {
    Weights weights;
    weights.variables = variables;
    weights.tensors.reserve(variables.size());
    std::int64_t elements = 0;
    for (const Variable& variable : variables) {
        elements += variable.spec.shape.count();
        weights.tensors.emplace_back(variable.spec.shape);
    }
    Parallel parallel(elements > kMany ? 0 : 1);
    for (std::size_t i = 0; i < variables.size(); ++i) {
        const RandomKey key{seed, RandomPurpose::Initializer, static_cast<std::uint32_t>(i)};
        initialize(parallel, variables[i].spec.initializer, {variables[i].spec.shape, key},
                   weights.tensors[i].values());
    }
    return weights;
}

Weights carriedOver(const Weights& old, Weights fresh) {
    for (std::size_t i = 0; i < fresh.variables.size(); ++i) {
        const Variable& variable = fresh.variables[i];
        const Tensor* before = old.find(variable.node, variable.spec.name);
        if (before != nullptr && before->shape() == variable.spec.shape) {
            fresh.tensors[i] = *before;
        }
    }
    return fresh;
}

} // namespace nn
