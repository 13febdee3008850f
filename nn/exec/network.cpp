#include "nn/exec/network.h"

#include "nn/exec/activity.h"
#include "nn/model/nested.h"
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

/// Makes a network from a graph without models inside.
class NetworkBuilder {
public:
    NetworkBuilder(const Graph& graph, const Inference& inference,
                   const std::vector<Variable>& variables)
        : m_graph(graph), m_inference(inference), m_network(std::make_shared<Network>()) {
        m_network->m_name = graph.name;
        m_network->m_variables = variables;
        for (std::size_t i = 0; i < variables.size(); ++i) {
            m_variables[variables[i].node].push_back(i);
        }
    }

    std::shared_ptr<Network> result(const std::vector<Source>& outputs) {
        for (const NodeId id : m_inference.order) {
            addLayer(*findNode(m_graph, id), *m_inference.find(id));
        }
        for (const NodeId id : m_inference.inputs) {
            m_network->m_inputs.push_back(m_indices.at(id));
        }
        for (const Source& output : outputs) {
            m_network->m_outputs.push_back(m_indices.at(output.node));
            m_network->m_layers[m_network->m_outputs.back()].isOutput = true;
        }
        keepWhatOutputsNeed();
        return m_network;
    }

    /// What a node that held a model has become.
    void addModel(NodeId id, NodeId result) {
        m_network->m_models.emplace_back(id, m_indices.at(result));
    }

private:
    void addLayer(const Node& node, const NodeInference& known) {
        std::vector<NetworkLayer>& layers = m_network->m_layers;
        NetworkLayer layer{.id = node.id,
                           .name = node.name,
                           .type = node.type,
                           .output = *known.output,
                           .trainable = node.trainable};
        for (const NodeId source : known.inputs) {
            const std::size_t from = m_indices.at(source);
            layer.inputs.push_back(from);
            layers[from].readers.push_back(layers.size());
            layer.needsGradient |= layers[from].needsGradient;
        }
        if (const auto found = m_variables.find(layerOf(node)); found != m_variables.end()) {
            layer.variables = found->second;
        }
        for (const std::size_t variable : layer.variables) {
            layer.needsGradient |= m_network->m_variables[variable].trainable;
        }
        if (known.def->arity.max > 0) {
            layer.kernel = kernelOf(node, known);
        }
        m_indices.emplace(node.id, layers.size());
        layers.push_back(std::move(layer));
    }

    /// Layers inside a model whose result nobody uses have no gradient.
    void keepWhatOutputsNeed() {
        std::vector<NetworkLayer>& layers = m_network->m_layers;
        std::vector<bool> needed(layers.size());
        for (std::size_t i = layers.size(); i-- > 0;) {
            needed[i] = layers[i].isOutput ||
                        std::ranges::any_of(layers[i].readers,
                                            [&](std::size_t reader) { return needed[reader]; });
            layers[i].needsGradient = layers[i].needsGradient && needed[i];
        }
    }

    const Graph& m_graph;
    const Inference& m_inference;
    std::shared_ptr<Network> m_network;
    std::unordered_map<NodeId, std::size_t> m_indices;
    std::unordered_map<NodeId, std::vector<std::size_t>> m_variables;
};

Expected<std::shared_ptr<const Network>> Network::compile(const Graph& graph) {
    return compile(graph, infer(graph));
}

Expected<std::shared_ptr<const Network>> Network::compile(const Graph& graph,
                                                          const Inference& inference) {
    if (const auto problem = compileProblem(graph, inference)) {
        return tl::unexpected<Error>(*problem);
    }
    const std::vector<Variable> variables = variablesOf(graph, inference);
    if (!holdsModels(graph)) {
        return NetworkBuilder(graph, inference, variables).result(outputsOf(graph));
    }
    const InlinedGraph flat = inlined(graph, inference);
    const Inference known = infer(flat.graph);
    if (const auto problem = compileProblem(flat.graph, known)) {
        return tl::unexpected<Error>(*problem);
    }
    NetworkBuilder builder(flat.graph, known, variables);
    std::shared_ptr<Network> network = builder.result(flat.graph.outputs);
    for (const Node& node : graph.nodes) {
        if (node.model) {
            builder.addModel(node.id, flat.results.at(node.id).front());
        }
    }
    return network;
}

bool Network::outputIsSoftmax() const {
    if (m_outputs.size() != 1) {
        return false;
    }
    const NetworkLayer& last = m_layers[m_outputs[0]];
    return last.kernel != nullptr && last.readers.empty() && last.kernel->endsInSoftmax();
}

std::optional<std::size_t> Network::indexOf(NodeId id) const {
    const auto found = std::ranges::find(m_layers, id, &NetworkLayer::id);
    if (found != m_layers.end()) {
        return static_cast<std::size_t>(found - m_layers.begin());
    }
    const auto model = std::ranges::find(m_models, id, &std::pair<NodeId, std::size_t>::first);
    return model == m_models.end() ? std::nullopt : std::optional(model->second);
}

std::optional<std::size_t> Network::indexOf(std::string_view layerName) const {
    const auto found = std::ranges::find(m_layers, layerName, &NetworkLayer::name);
    return found == m_layers.end()
               ? std::nullopt
               : std::optional(static_cast<std::size_t>(found - m_layers.begin()));
}

} // namespace nn
