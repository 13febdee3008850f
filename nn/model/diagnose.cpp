#include "nn/model/diagnose.h"

#include "nn/base/text.h"
#include "nn/model/repairs.h"

#include <algorithm>

namespace nn {
namespace {

using Kind = NodeProblem::Kind;

/// Repairs are tried out, which takes time; nobody reads more than this many at once.
constexpr std::size_t kMostRepaired = 6;

Diagnostic about(const Node& node, Severity severity, const std::string& message) {
    return {severity, node.id, {}, "'" + node.name + "': " + message, {}};
}

std::string missingInputText(const Node& node, const Inference& inference,
                             const std::string& problem) {
    if (inference.inputs.empty()) {
        return problem + ", and the network has no Input layer. Put one before it";
    }
    return problem + ". Draw a wire to '" + node.name + "' or remove it";
}

std::vector<Repair> repairsOf(const Graph& graph, const Wiring& wiring, const Inference& inference,
                              const NodeProblem& problem) {
    switch (problem.kind) {
    case Kind::MissingInput:
        return inputRepairs(graph, wiring, inference, problem.node);
    case Kind::Shape:
        return shapeRepairs(graph, wiring, inference, problem.node);
    case Kind::UnknownType: {
        const NodeInference& facts = *inference.find(problem.node);
        const bool single = facts.inputs.size() == 1 && facts.inputs.front() != kNoNode;
        return {Repair{"Remove '" + findNode(graph, problem.node)->name + "'",
                       {single ? Edit{BypassNode{problem.node}} : Edit{RemoveNode{problem.node}}}}};
    }
    case Kind::TooLarge:
    case Kind::Loop:
        return {};
    }
    return {};
}

/// The Dense layer that makes the result, seen through activations and the like behind it.
const NodeInference* finalDense(const Inference& inference, NodeId& id) {
    for (const NodeInference* facts = inference.find(id); facts->def != nullptr && facts->output;
         facts = inference.find(id)) {
        if (facts->def->type == "Dense") {
            return facts;
        }
        const bool passesOn = facts->def->category == Category::Activation ||
                              facts->def->category == Category::Regularization;
        if (!passesOn || facts->inputs.size() != 1 ||
            inference.find(facts->inputs.front()) == nullptr) {
            return nullptr;
        }
        id = facts->inputs.front();
    }
    return nullptr;
}

Repair insertion(const Graph& graph, const std::string& type, const Edge& wire) {
    return {"Insert " + type + " before it",
            {AddNode{type, {}, {}, true}, InsertOnEdge{graph.nextId, wire}}};
}

/// A classifier gives one row of scores per image.
std::optional<Diagnostic> missingFlatten(const Graph& graph, const Inference& inference,
                                         NodeId output) {
    NodeId id = output;
    const NodeInference* dense = finalDense(inference, id);
    if (dense == nullptr || dense->output->rank() < 2) {
        return std::nullopt;
    }
    Diagnostic diagnostic =
        about(*findNode(graph, id), Severity::Warning,
              "its result is " + shapeText(*dense->output) +
                  ": one row of scores for every position, not one per image. To classify images, "
                  "put Flatten or GlobalAveragePooling2D before it");
    const Edge wire{dense->inputs.front(), id, 0};
    diagnostic.repairs.push_back(insertion(graph, "Flatten", wire));
    if (dense->output->rank() == 3) {
        diagnostic.repairs.push_back(insertion(graph, "GlobalAveragePooling2D", wire));
    }
    return diagnostic;
}

void checkInputs(const Graph& graph, const Wiring& wiring, const Inference& inference,
                 std::vector<Diagnostic>& found) {
    for (const NodeId id : inference.inputs) {
        const Node& node = *findNode(graph, id);
        const NodeInference& facts = *inference.find(id);
        if (facts.output && !facts.output->isKnown()) {
            found.push_back(about(node, Severity::Info,
                                  "its size " + shapeText(*facts.output) +
                                      " is open. The network can be drawn and summarised; to train "
                                      "it, give the Input layer a fixed shape"));
        }
        if (graph.nodes.size() > 1 && wiring.readers(*wiring.indexOf(id)).empty()) {
            Diagnostic unused = about(node, Severity::Warning, "no layer reads it");
            unused.repairs.push_back({"Remove '" + node.name + "'", {RemoveNode{id}}});
            found.push_back(std::move(unused));
        }
    }
}

} // namespace

std::vector<Diagnostic> nodeDiagnostics(const Graph& graph, const Wiring& wiring,
                                        const InferredShapes& shapes) {
    std::vector<Diagnostic> diagnostics;
    for (const NodeProblem& problem : shapes.problems) {
        const Node& node = *findNode(graph, problem.node);
        std::string message = problem.problem.message;
        if (problem.kind == Kind::MissingInput) {
            message = missingInputText(node, shapes.inference, message);
        }
        Diagnostic diagnostic = about(node, Severity::Error, message);
        diagnostic.param = problem.problem.param;
        if (diagnostics.size() < kMostRepaired) {
            diagnostic.repairs = repairsOf(graph, wiring, shapes.inference, problem);
        }
        diagnostics.push_back(std::move(diagnostic));
    }
    return diagnostics;
}

std::vector<Diagnostic> networkDiagnostics(const Graph& graph, const Wiring& wiring,
                                           const Inference& inference) {
    std::vector<Diagnostic> found;
    if (graph.nodes.empty()) {
        found.push_back(
            {Severity::Info,
             kNoNode,
             {},
             "The network is empty. Start with an Input layer",
             {{"Add an Input layer", {AddNode{std::string(kInputType), {}, {}, true}}}}});
        return found;
    }
    checkInputs(graph, wiring, inference, found);
    std::vector<std::string> ends;
    for (const NodeId id : inference.outputs) {
        const bool isInput = std::ranges::find(inference.inputs, id) != inference.inputs.end();
        if (!isInput) {
            ends.push_back("'" + findNode(graph, id)->name + "'");
        }
    }
    if (ends.size() > 1) {
        found.push_back(
            {Severity::Info,
             kNoNode,
             {},
             "The network has " + std::to_string(ends.size()) + " outputs: " + join(ends, ", ") +
                 ". Each is trained with a loss of its own. If one is there by mistake, "
                 "join it or remove it",
             {}});
    }
    if (ends.size() == 1) {
        for (const NodeId id : inference.outputs) {
            if (auto diagnostic = missingFlatten(graph, inference, id)) {
                found.push_back(std::move(*diagnostic));
            }
        }
    }
    return found;
}

} // namespace nn
