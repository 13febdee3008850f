#pragma once

#include "nn/model/infer_shapes.h"

namespace nn {

/// Ways to give a failing node a shape. Each was tried: with its edits the node gets the shape that
/// its title names.
[[nodiscard]] std::vector<Repair> shapeRepairs(const Graph& graph, const Wiring& wiring,
                                               const Inference& inference, NodeId node);

/// Ways to feed a node that lacks a wire.
[[nodiscard]] std::vector<Repair> inputRepairs(const Graph& graph, const Wiring& wiring,
                                               const Inference& inference, NodeId node);

} // namespace nn
