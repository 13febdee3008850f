#pragma once

#include "nn/model/infer.h"
#include "nn/model/wiring.h"

namespace nn {

/// Why a node has no shape although everything before it has one.
struct NodeProblem {
    enum class Kind { UnknownType, MissingInput, Shape, TooLarge, Loop };
    NodeId node = kNoNode;
    Kind kind = Kind::Shape;
    LayerProblem problem; ///< Without the layer's name.
};

/// The part of `infer` that finds shapes; diagnostics are made from the problems afterwards.
struct InferredShapes {
    Inference inference;
    std::vector<NodeProblem> problems; ///< In topological order.
};

[[nodiscard]] InferredShapes inferShapes(const Graph& graph, const Wiring& wiring,
                                         const Inference* previous, const Graph* previousGraph);

} // namespace nn
