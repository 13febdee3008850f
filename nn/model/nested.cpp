#include "nn/model/nested.h"

#include "nn/base/saturated.h"
#include "nn/base/text.h"
#include "nn/model/registry.h"

#include <algorithm>

namespace nn {
namespace {

std::vector<const Node*> inputNodes(const Graph& graph) {
    std::vector<const Node*> inputs;
    for (const Node& node : graph.nodes) {
        if (node.type == kInputType) {
            inputs.push_back(&node);
        }
    }
    return inputs;
}

std::optional<Shape> declaredShape(const Node& input) {
    const LayerDef* def = findLayerDef(input.type);
    auto shape = def->shape(LayerContext{input.params, {}});
    return shape ? std::optional(std::move(*shape)) : std::nullopt;
}

bool accepts(const Shape& declared, const Shape& given) {
    if (declared.rank() != given.rank()) {
        return false;
    }
    for (std::size_t i = 0; i < declared.rank(); ++i) {
        if (declared[i] != kUnknown && given[i] != kUnknown && declared[i] != given[i]) {
            return false;
        }
    }
    return true;
}

ParamMap shapeParams(const Shape& shape) {
    const LayerDef& def = *findLayerDef(kInputType);
    const std::vector<std::int64_t> extents(shape.begin(), shape.end());
    auto params = withParam({}, def.params, "shape", extents);
    return params ? std::move(*params) : ParamMap{};
}

/// A Sequential model without Input: built by what comes in.
Graph builtChain(Graph model, const Shape& input) {
    std::vector<NodeId> heads;
    for (const Node& node : model.nodes) {
        if (inputsOf(model, node.id).empty()) {
            heads.push_back(node.id);
        }
    }
    const Node added{.id = model.nextId++,
                     .type = std::string(kInputType),
                     .name = freeName(model, kInputType),
                     .params = shapeParams(input)};
    for (const NodeId head : heads) {
        model.edges.push_back({added.id, head, 0});
    }
    model.nodes.insert(model.nodes.begin(), added);
    return model;
}

void addCost(LayerCost& total, const LayerCost& layer) {
    total.macs = saturatedSum(total.macs, layer.macs);
    total.otherOperations = saturatedSum(total.otherOperations, layer.otherOperations);
    total.savedBytes = saturatedSum(total.savedBytes, layer.savedBytes);
}

} // namespace

Arity arityOf(const Node& node) {
    if (node.model) {
        const auto inputs = static_cast<int>(inputNodes(*node.model).size());
        return {std::max(inputs, 1), std::max(inputs, 1)};
    }
    const LayerDef* def = findLayerDef(node.type);
    return def == nullptr ? Arity{0, kManyInputs} : def->arity;
}

tl::expected<Graph, LayerProblem> modelAsCalled(const Graph& model, std::span<const Shape> inputs) {
    const std::vector<const Node*> declared = inputNodes(model);
    if (declared.empty() && inputs.size() == 1) {
        return builtChain(model, inputs.front());
    }
    Graph called = model;
    for (std::size_t i = 0; i < std::min(declared.size(), inputs.size()); ++i) {
        const auto shape = declaredShape(*declared[i]);
        if (shape && !accepts(*shape, inputs[i])) {
            return tl::unexpected(LayerProblem{
                "the model inside expects " + shapeText(*shape) + " at its input '" +
                    declared[i]->name + "', but receives " + shapeText(inputs[i]) +
                    ". Give it data of that shape, or open the model and change its Input",
                {}});
        }
        const auto input = std::ranges::find(called.nodes, declared[i]->id, &Node::id);
        input->params = shapeParams(inputs[i]);
    }
    return called;
}

std::optional<LayerProblem> describeModel(const Node& node, NodeInference& facts) {
    auto called = modelAsCalled(*node.model, facts.inputShapes);
    if (!called) {
        return std::move(called.error());
    }
    auto inner = std::make_shared<InnerInference>();
    inner->graph = *std::move(called);
    inner->inference = infer(inner->graph);
    for (const Diagnostic& diagnostic : inner->inference.diagnostics) {
        if (diagnostic.severity == Severity::Error) {
            return LayerProblem{"inside the model, " + diagnostic.message, {}};
        }
    }
    const std::vector<Source> outputs = outputsOf(inner->graph);
    for (const Source& output : outputs) {
        const NodeInference* last = inner->inference.find(output.node);
        const Shape* shape = last == nullptr ? nullptr : last->outputShape(output.output);
        if (shape == nullptr) {
            return LayerProblem{"inside the model, an output has no shape", {}};
        }
        if (!facts.output) {
            facts.output = *shape;
        } else {
            facts.furtherOutputs.push_back(*shape);
        }
    }
    if (!facts.output) {
        return LayerProblem{"the model inside is empty. Remove it, or open a model with layers",
                            {}};
    }
    for (const NodeId id : inner->inference.order) {
        const Node& layer = *findNode(inner->graph, id);
        const NodeInference& known = *inner->inference.find(id);
        addCost(facts.cost, known.cost);
        if (layer.sharedWith != kNoNode) {
            continue;
        }
        for (WeightSpec weight : known.weights) {
            weight.name = layer.name + "/" + weight.name;
            weight.trainable = weight.trainable && layer.trainable;
            facts.weights.push_back(std::move(weight));
        }
    }
    facts.inner = std::move(inner);
    return std::nullopt;
}

bool holdsModels(const Graph& graph) {
    return std::ranges::any_of(graph.nodes, [](const Node& node) { return bool(node.model); });
}

} // namespace nn
