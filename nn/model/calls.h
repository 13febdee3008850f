#pragma once

#include "nn/model/graph.h"

namespace nn {

/// Gives the further calls of every layer its type, arguments and name ("dense[1]", "dense[2]").
void matchCalls(Graph& graph);

/// Before a node is taken out: the first further call of its layer becomes the layer.
void passOnLayer(Graph& graph, NodeId id);

} // namespace nn
