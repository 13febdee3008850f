#pragma once

#include "nn/model/infer_shapes.h"

namespace nn {

/// The problems of single nodes in words, with repairs.
[[nodiscard]] std::vector<Diagnostic> nodeDiagnostics(const Graph& graph, const Wiring& wiring,
                                                      const InferredShapes& shapes);

/// What is to say about a network whose layers are in order each by itself.
[[nodiscard]] std::vector<Diagnostic> networkDiagnostics(const Graph& graph, const Wiring& wiring,
                                                         const Inference& inference);

} // namespace nn
