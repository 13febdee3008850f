#include "nn/model/infer_shapes.h"

#include "nn/base/text.h"
#include "nn/model/nested.h"
#include "nn/model/object_def.h"
#include "nn/model/registry.h"

#include <algorithm>

namespace nn {
namespace {

/// No tensor may have more numbers than this: far above any machine, far below overflow.
constexpr std::int64_t kLargestTensor = std::int64_t{1} << 48;

using Kind = NodeProblem::Kind;
using Problem = std::optional<NodeProblem>;

NodeProblem tooLarge(const Node& node, const std::string& what) {
    return {node.id,
            Kind::TooLarge,
            {what + ", more than any machine can hold. Make the layer or its input smaller", {}}};
}

bool fits(const Shape& shape) {
    std::int64_t known = 1;
    for (const std::int64_t extent : shape) {
        const auto product = checkedProduct(known, std::max<std::int64_t>(extent, 1));
        if (!product || *product > kLargestTensor) {
            return false;
        }
        known = *product;
    }
    return true;
}

Problem countParams(const Node& node, NodeInference& result) {
    if (node.sharedWith != kNoNode) {
        return std::nullopt;
    }
    for (const WeightSpec& weight : result.weights) {
        const std::optional<std::int64_t> count = weight.shape.elements();
        if (!count || *count > kLargestTensor) {
            return tooLarge(node, "its " + weight.name + " would be " + shapeText(weight.shape));
        }
        const bool trainable = weight.trainable && node.trainable;
        (trainable ? result.trainableParams : result.nonTrainableParams) += *count;
    }
    return std::nullopt;
}

/// Whether an object suits a variable: the number of its axes, and those the object names.
std::optional<std::string> objectProblem(const ObjectDef& object, const ParamObject& value,
                                         const WeightSpec& weight) {
    const std::size_t rank = weight.shape.rank();
    if (rank < object.minRank || rank > object.maxRank) {
        return object.type + " needs a variable with " +
               (object.maxRank == object.minRank ? "exactly " : "at least ") +
               std::to_string(object.minRank) + " axes, but the " + weight.name +
               " has the shape " + shapeText(weight.shape) + ". Choose another";
    }
    const ParamSpec* axis = findSpec(object.params, "axis");
    if (axis == nullptr) {
        return std::nullopt;
    }
    const auto* axes = std::get_if<std::vector<std::int64_t>>(&paramValue(value.params(), *axis));
    const auto count = static_cast<std::int64_t>(rank);
    const auto isMissing = [count](std::int64_t each) { return each < -count || each >= count; };
    if (axes != nullptr && std::ranges::any_of(*axes, isMissing)) {
        return object.type + " names the axis " +
               std::to_string(*std::ranges::find_if(*axes, isMissing)) + ", but the " +
               weight.name + " has the shape " + shapeText(weight.shape) +
               ". Choose axes from 0 to " + std::to_string(count - 1);
    }
    return std::nullopt;
}

/// Whether an argument is named after a variable: "kernel_initializer" belongs to "kernel".
bool isOf(const WeightSpec& weight, const ParamSpec& spec) {
    return spec.name.size() > weight.name.size() && spec.name[weight.name.size()] == '_' &&
           spec.name.starts_with(weight.name);
}

/// What is wrong with the arguments named after variables.
Problem weightProblem(const Node& node, const NodeInference& result) {
    for (const WeightSpec& weight : result.weights) {
        for (const ParamSpec& spec : result.def->params) {
            if (spec.family == nullptr || !isOf(weight, spec)) {
                continue;
            }
            const auto* value = std::get_if<ParamObject>(&paramValue(node.params, spec));
            const ObjectDef* object =
                value == nullptr ? nullptr : findObjectDef(*spec.family, value->type());
            if (object == nullptr) {
                continue;
            }
            if (auto message = objectProblem(*object, *value, weight)) {
                return NodeProblem{
                    node.id, Kind::Shape, {spec.name + ": " + *std::move(message), spec.name}};
            }
        }
    }
    return std::nullopt;
}

Problem defineModel(const Node& node, NodeInference& result) {
    if (auto problem = describeModel(node, result)) {
        return NodeProblem{node.id, Kind::Shape, std::move(*problem)};
    }
    return countParams(node, result);
}

/// Asks the definition; the inputs are complete and known.
Problem define(const Node& node, NodeInference& result) {
    if (node.model) {
        return defineModel(node, result);
    }
    const LayerContext context{node.params, result.inputShapes};
    auto shape = result.def->shape(context);
    if (!shape) {
        return NodeProblem{node.id, Kind::Shape, std::move(shape.error())};
    }
    if (!fits(*shape)) {
        return tooLarge(node, "its output would be " + shapeText(*shape));
    }
    result.output = std::move(*shape);
    result.weights = result.def->weights(context);
    if (Problem problem = countParams(node, result)) {
        return problem;
    }
    if (Problem problem = weightProblem(node, result)) {
        return problem;
    }
    if (result.output->isKnown() && std::ranges::all_of(result.inputShapes, &Shape::isKnown)) {
        result.cost = result.def->cost(context, *result.output);
    }
    return std::nullopt;
}

Problem missingInput(const Node& node, const NodeInference& result) {
    const auto wires = static_cast<int>(result.inputs.size()) -
                       static_cast<int>(std::ranges::count(result.inputs, kNoNode));
    const Arity arity = arityOf(node);
    const int needed = arity.min;
    const bool hasGap = wires != static_cast<int>(result.inputs.size());
    if (wires >= needed && !hasGap) {
        return std::nullopt;
    }
    std::string message = "no wire comes in";
    if (needed > 1) {
        message = "it needs " + std::string(arity.max > needed ? "at least " : "") +
                  std::to_string(needed) + " inputs, but has " + std::to_string(wires);
    }
    return NodeProblem{node.id, Kind::MissingInput, {std::move(message), {}}};
}

Problem unknownType(const Node& node) {
    std::vector<std::string> types;
    for (const LayerDef& def : layerDefs()) {
        types.push_back(def.type);
    }
    std::string message = "this version knows no layer class '" + node.type +
                          "'; the file may come from a newer version";
    if (const auto meant = nearest(node.type, types)) {
        message += ", or '" + *meant + "' was meant";
    }
    return NodeProblem{node.id, Kind::UnknownType, {std::move(message), {}}};
}

/// What the previous inference knew, by node.
class Past {
public:
    Past(const Inference* inference, const Graph* graph) : m_inference(inference) {
        if (inference == nullptr || graph == nullptr) {
            m_inference = nullptr;
            return;
        }
        m_nodes.reserve(graph->nodes.size());
        for (const Node& node : graph->nodes) {
            m_nodes.emplace(node.id, &node);
        }
    }

    /// The former result, when nothing it was made from has changed.
    [[nodiscard]] std::shared_ptr<const NodeInference> find(const Node& node,
                                                            const NodeInference& inputs) const {
        const auto former = m_nodes.find(node.id);
        if (m_inference == nullptr || former == m_nodes.end()) {
            return nullptr;
        }
        const auto result = m_inference->nodes.find(node.id);
        const Node& old = *former->second;
        const bool same = result != m_inference->nodes.end() && !result->second->failed &&
                          result->second->output && old.type == node.type &&
                          old.trainable == node.trainable && old.params == node.params &&
                          old.model == node.model && old.sharedWith == node.sharedWith &&
                          result->second->inputOutputs == inputs.inputOutputs &&
                          result->second->inputs == inputs.inputs &&
                          result->second->inputShapes == inputs.inputShapes;
        return same ? result->second : nullptr;
    }

private:
    const Inference* m_inference;
    std::unordered_map<NodeId, const Node*> m_nodes;
};

class Walk {
public:
    Walk(const Graph& graph, const Wiring& wiring, Past past)
        : m_graph(graph), m_wiring(wiring), m_past(std::move(past)) {}

    InferredShapes result() {
        const std::vector<std::size_t> order = m_wiring.topologicalOrder();
        Inference& inference = m_shapes.inference;
        inference.nodes.reserve(m_graph.nodes.size());
        inference.order.reserve(m_graph.nodes.size());
        for (const std::size_t index : order) {
            visit(index);
        }
        if (order.size() < m_graph.nodes.size()) {
            visitLoops();
        }
        for (std::size_t i = 0; i < m_graph.nodes.size(); ++i) {
            const NodeId id = m_graph.nodes[i].id;
            const LayerDef* def = inference.nodes.at(id)->def;
            if (def != nullptr && def->category == Category::Input) {
                inference.inputs.push_back(id);
            }
        }
        for (const Source& output : outputsOf(m_graph)) {
            inference.outputs.push_back(output.node);
        }
        checkCalls();
        return std::move(m_shapes);
    }

private:
    void visit(std::size_t index) {
        const Node& node = m_graph.nodes[index];
        m_shapes.inference.order.push_back(node.id);
        NodeInference result;
        result.inputs = m_wiring.inputs(index);
        result.inputOutputs = m_wiring.inputOutputs(index);
        const bool inputsKnown = takeInputs(result);
        auto& slot = m_shapes.inference.nodes[node.id];
        if (inputsKnown) {
            slot = m_past.find(node, result);
            if (slot != nullptr) {
                return;
            }
        }
        result.def = findLayerDef(node.type);
        if (Problem problem = find(node, result, inputsKnown)) {
            result.failed = true;
            result.output.reset();
            result.furtherOutputs.clear();
            result.inner.reset();
            result.weights.clear();
            result.trainableParams = 0;
            result.nonTrainableParams = 0;
            m_shapes.problems.push_back(std::move(*problem));
        }
        slot = std::make_shared<const NodeInference>(std::move(result));
    }

    static Problem find(const Node& node, NodeInference& result, bool inputsKnown) {
        if (result.def == nullptr) {
            return unknownType(node);
        }
        if (Problem problem = missingInput(node, result)) {
            return problem;
        }
        return inputsKnown ? define(node, result) : std::nullopt;
    }

    /// True when every wire brings a shape; the input shapes are filled then.
    bool takeInputs(NodeInference& result) const {
        for (std::size_t port = 0; port < result.inputs.size(); ++port) {
            const NodeInference* from = m_shapes.inference.find(result.inputs[port]);
            const Shape* shape =
                from == nullptr ? nullptr : from->outputShape(result.inputOutputs[port]);
            if (shape == nullptr) {
                result.inputShapes.clear();
                return false;
            }
            result.inputShapes.push_back(*shape);
        }
        return true;
    }

    /// Further calls of a layer must need weights of the same shapes.
    void checkCalls() {
        for (const Node& node : m_graph.nodes) {
            if (node.sharedWith == kNoNode) {
                continue;
            }
            const Node* layer = findNode(m_graph, node.sharedWith);
            auto& facts = m_shapes.inference.nodes.at(node.id);
            const NodeInference* owner =
                layer == nullptr ? nullptr : m_shapes.inference.find(layer->id);
            if (owner == nullptr || facts->failed || !facts->output || !owner->output ||
                facts->weights == owner->weights) {
                continue;
            }
            auto failed = std::make_shared<NodeInference>(*facts);
            failed->failed = true;
            facts = std::move(failed);
            m_shapes.problems.push_back(
                {node.id, Kind::Shape, {callProblem(*layer, *owner, *facts), {}}});
        }
    }

    static std::string callProblem(const Node& layer, const NodeInference& owner,
                                   const NodeInference& facts) {
        std::string what = "other weights";
        for (std::size_t i = 0; i < std::min(owner.weights.size(), facts.weights.size()); ++i) {
            if (owner.weights[i].shape != facts.weights[i].shape) {
                what = "a " + facts.weights[i].name + " of " + shapeText(facts.weights[i].shape) +
                       " instead of " + shapeText(owner.weights[i].shape);
                break;
            }
        }
        return "it calls the layer '" + layer.name +
               "' again, but for its input that layer would need " + what +
               ". Give both calls inputs of the same form";
    }

    /// Graphs made by `apply` have no loops; ones put together by hand may.
    void visitLoops() {
        for (std::size_t i = 0; i < m_graph.nodes.size(); ++i) {
            const Node& node = m_graph.nodes[i];
            if (m_shapes.inference.nodes.contains(node.id)) {
                continue;
            }
            NodeInference result;
            result.inputs = m_wiring.inputs(i);
            result.def = findLayerDef(node.type);
            result.failed = true;
            m_shapes.inference.order.push_back(node.id);
            m_shapes.inference.nodes.emplace(
                node.id, std::make_shared<const NodeInference>(std::move(result)));
            m_shapes.problems.push_back(
                {node.id,
                 Kind::Loop,
                 {"it lies on or behind a loop of wires; a network has none. Remove a wire", {}}});
        }
    }

    const Graph& m_graph;
    const Wiring& m_wiring;
    Past m_past;
    InferredShapes m_shapes;
};

} // namespace

InferredShapes inferShapes(const Graph& graph, const Wiring& wiring, const Inference* previous,
                           const Graph* previousGraph) {
    return Walk(graph, wiring, Past(previous, previousGraph)).result();
}

} // namespace nn
