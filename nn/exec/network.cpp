#include "nn/exec/network.h"

#include "nn/exec/activity.h"
#include "nn/model/registry.h"

#include <algorithm>
#include <unordered_map>

namespace nn {

namespace {

/// Why a graph cannot be run, or nothing.
std::optional<Error> compileProblem(const Graph& graph, const Inference& inference) {
    for (const Diagnostic& diagnostic : inference.diagnostics) {
        if (diagnostic.severity == Severity::Error) {
            return Error{ErrorCode::Usage, diagnostic.message};
        }
    }
    if (inference.inputs.empty()) {
        return Error{ErrorCode::Usage, "The network has no Input layer. Add one and give it the "
                                       "shape of your images."};
    }
    for (const NodeId id : inference.order) {
        const NodeInference* known = inference.find(id);
        if (known == nullptr || !known->output || !known->output->isKnown()) {
            const Node* node = findNode(graph, id);
            return Error{ErrorCode::Usage,
                         (node == nullptr ? std::string("A layer") : node->name) +
                             " has no fixed output shape, so the network cannot run. Give every "
                             "Input layer a full shape, like (28, 28, 1)."};
        }
    }
    return std::nullopt;
}

/// The code of a layer, with the penalty on its output when it was given one.
std::shared_ptr<const Kernel> kernelOf(const Node& node, const NodeInference& known) {
    auto kernel = known.def->kernel(LayerContext{node.params, known.inputShapes}, *known.output);
    const ParamSpec* spec = findSpec(known.def->params, "activity_regularizer");
    const auto* object =
        spec == nullptr ? nullptr : std::get_if<ParamObject>(&paramValue(node.params, *spec));
    if (auto regularizer = object == nullptr ? nullptr : makeRegularizer(*object)) {
        return withActivityRegularizer(std::move(kernel), std::move(regularizer), *known.output);
    }
    return kernel;
}

} // namespace

Expected<std::shared_ptr<const Network>> Network::compile(const Graph& graph) {
    return compile(graph, infer(graph));
}

Expected<std::shared_ptr<const Network>> Network::compile(const Graph& graph,
                                                          const Inference& inference) {
    if (const auto problem = compileProblem(graph, inference)) {
        return tl::unexpected<Error>(*problem);
    }
    auto network = std::make_shared<Network>();
    network->m_name = graph.name;
    network->m_variables = variablesOf(graph, inference);
    std::unordered_map<NodeId, std::size_t> indices;
    std::size_t nextVariable = 0;
    for (const NodeId id : inference.order) {
        const Node& node = *findNode(graph, id);
        const NodeInference& known = *inference.find(id);
        NetworkLayer layer{.id = id,
                           .name = node.name,
                           .type = node.type,
                           .output = *known.output,
                           .trainable = node.trainable};
        const std::size_t index = network->m_layers.size();
        for (const NodeId source : known.inputs) {
            const std::size_t from = indices.at(source);
            layer.inputs.push_back(from);
            network->m_layers[from].readers.push_back(index);
            layer.needsGradient |= network->m_layers[from].needsGradient;
        }
        for (std::size_t i = 0; i < known.weights.size(); ++i, ++nextVariable) {
            layer.variables.push_back(nextVariable);
            layer.needsGradient |= network->m_variables[nextVariable].trainable;
        }
        if (known.def->arity.max > 0) {
            layer.kernel = kernelOf(node, known);
        } else {
            network->m_inputs.push_back(index);
        }
        indices.emplace(id, index);
        network->m_layers.push_back(std::move(layer));
    }
    for (std::size_t i = 0; i < network->m_layers.size(); ++i) {
        if (network->m_layers[i].readers.empty()) {
            network->m_outputs.push_back(i);
        }
    }
    return network;
}

bool Network::outputIsSoftmax() const {
    if (m_outputs.size() != 1) {
        return false;
    }
    const Kernel* kernel = m_layers[m_outputs[0]].kernel.get();
    return kernel != nullptr && kernel->endsInSoftmax();
}

std::optional<std::size_t> Network::indexOf(NodeId id) const {
    const auto found = std::ranges::find(m_layers, id, &NetworkLayer::id);
    return found == m_layers.end()
               ? std::nullopt
               : std::optional(static_cast<std::size_t>(found - m_layers.begin()));
}

std::optional<std::size_t> Network::indexOf(std::string_view layerName) const {
    const auto found = std::ranges::find(m_layers, layerName, &NetworkLayer::name);
    return found == m_layers.end()
               ? std::nullopt
               : std::optional(static_cast<std::size_t>(found - m_layers.begin()));
}

} // namespace nn
