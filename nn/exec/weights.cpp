#include "nn/exec/weights.h"

#include "nn/base/parallel.h"

#include <algorithm>

namespace nn {

namespace {

/// Elements per task when weights are drawn.
constexpr std::int64_t kChunk = 1 << 16;

void fillVariable(Parallel& parallel, const Variable& variable, const RandomKey& key,
                  Tensor& tensor) {
    const std::int64_t chunks = (tensor.size() + kChunk - 1) / kChunk;
    parallel.run(chunks, [&](std::int64_t chunk, int /*worker*/) {
        const std::int64_t first = chunk * kChunk;
        const std::int64_t count = std::min(kChunk, tensor.size() - first);
        initialize(variable.spec.initializer, {variable.spec.shape, key, first},
                   tensor.values().subspan(static_cast<std::size_t>(first),
                                           static_cast<std::size_t>(count)));
    });
}

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
    Parallel parallel(elements > 16 * kChunk ? 0 : 1);
    for (std::size_t i = 0; i < variables.size(); ++i) {
        const RandomKey key{seed, RandomPurpose::Initializer, static_cast<std::uint32_t>(i)};
        fillVariable(parallel, variables[i], key, weights.tensors[i]);
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
