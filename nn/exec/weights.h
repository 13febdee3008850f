#pragma once

#include "nn/base/error.h"
#include "nn/exec/initializers.h"
#include "nn/model/infer.h"
#include "nn/tensor/tensor.h"

#include <string>
#include <vector>

namespace nn {

/// One weight tensor of a network: whose it is and what it looks like.
struct Variable {
    NodeId node = kNoNode;
    std::string layer = {}; ///< The layer's name.
    WeightSpec spec;
    bool trainable = true; ///< The variable's own flag and its layer's.
    bool operator==(const Variable&) const = default;
};

/// All variables of a network in the order of Keras' `model.weights`; those of layers that are
/// called several times once. Inside a model the layer's name is a path: "tower/conv2d".
[[nodiscard]] std::vector<Variable> variablesOf(const Graph& graph, const Inference& inference);

/// The numbers of a network, one tensor per variable. A value: a copy is a snapshot.
struct Weights {
    std::vector<Variable> variables = {};
    std::vector<Tensor> tensors = {};

    [[nodiscard]] const Tensor* find(NodeId node, std::string_view name) const;
    bool operator==(const Weights&) const = default;
};

/// Fresh weights from each variable's initializer. Counter-based: the numbers of a variable depend
/// on the seed and on its place in the network only (Keras' initializers, keras-contract 6).
[[nodiscard]] Weights initialWeights(const std::vector<Variable>& variables, std::uint64_t seed);

/// `fresh`, with every variable taken from `old` that has the same node, name and shape.
[[nodiscard]] Weights carriedOver(const Weights& old, Weights fresh);

} // namespace nn
