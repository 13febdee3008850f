#include "nn/model/infer.h"

#include "nn/model/diagnose.h"
#include "nn/model/infer_shapes.h"

#include <algorithm>
#include <iterator>

namespace nn {

bool Inference::isRunnable() const {
    const bool hasError = std::ranges::any_of(diagnostics, [](const Diagnostic& diagnostic) {
        return diagnostic.severity == Severity::Error;
    });
    const bool allKnown = std::ranges::all_of(nodes, [](const auto& node) {
        return node.second->output && node.second->output->isKnown();
    });
    return !nodes.empty() && !hasError && allKnown;
}

Inference infer(const Graph& graph, const Inference* previous, const Graph* previousGraph) {
    const Wiring wiring(graph);
    InferredShapes shapes = inferShapes(graph, wiring, previous, previousGraph);
    std::vector<Diagnostic> diagnostics = nodeDiagnostics(graph, wiring, shapes);
    std::ranges::move(networkDiagnostics(graph, wiring, shapes.inference),
                      std::back_inserter(diagnostics));
    shapes.inference.diagnostics = std::move(diagnostics);
    return std::move(shapes.inference);
}

} // namespace nn
