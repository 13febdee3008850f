#include "nn/exec/weights.h"

#include "nn/base/parallel.h"
#include "nn/model/keras_order.h"
#include "nn/model/nested.h"

#include <algorithm>
#include <unordered_map>

namespace nn {

namespace {

/// From so many numbers on it is worth to draw them with all cores.
constexpr std::int64_t kMany = 1 << 20;

/// The variables of some layers.
std::vector<Variable> variablesIn(const Graph& graph, const Inference& inference,
                                  const std::vector<NodeId>& layers) {
    std::vector<Variable> variables;
    std::unordered_map<NodeId, const Node*> nodes;
    for (const Node& node : graph.nodes) {
        nodes.emplace(node.id, &node);
    }
    for (const NodeId id : layers) {
        const NodeInference* known = inference.find(id);
        if (known == nullptr) {
            continue;
        }
        const Node& node = *nodes.at(id);
        for (const WeightSpec& spec : known->weights) {
            variables.push_back({id, node.name, spec, spec.trainable && node.trainable});
        }
    }
    return variables;
}

} // namespace

std::vector<Variable> variablesOf(const Graph& graph, const Inference& inference) {
    if (holdsModels(graph)) {
        const bool allKnown = std::ranges::all_of(
            inference.nodes, [](const auto& node) { return node.second->output.has_value(); });
        if (!allKnown) {
            return {};
        }
        const InlinedGraph flat = inlined(graph, inference);
        return variablesIn(flat.graph, infer(flat.graph), flat.layers);
    }
    return variablesIn(graph, inference, kerasOrder(graph).layers);
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
