#include "nn/io/keras_json.h"

#include "nn/base/text.h"
#include "nn/io/keras_calls.h"
#include "nn/io/keras_channels.h"
#include "nn/io/keras_classes.h"
#include "nn/io/keras_config.h"
#include "nn/model/calls.h"
#include "nn/model/nested.h"
#include "nn/model/registry.h"
#include "nn/model/wiring.h"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

namespace nn::io {
namespace {

constexpr std::size_t kMostLayers = 10'000;

tl::unexpected<Error> invalid(std::string message) {
    return failure(ErrorCode::InvalidFile, std::move(message));
}
tl::unexpected<Error> unsupported(std::string message) {
    return failure(ErrorCode::Unsupported, std::move(message));
}

std::string nameOf(const Json& layer) {
    const Json* config = jsonMember(layer, "config");
    const Json* name = config == nullptr ? nullptr : jsonMember(*config, "name");
    return name != nullptr && name->is_string() ? name->get<std::string>() : std::string();
}

bool isFalse(const Json* value) {
    return value != nullptr && *value == false;
}

/// Only what says the shape: the config may be that of the layer behind.
Json inputConfig(const Json& config) {
    Json shape = Json::object();
    for (const char* key : {"batch_shape", "batch_input_shape", "shape", "sparse", "dtype"}) {
        if (const Json* value = jsonMember(config, key)) {
            shape[key] = *value;
        }
    }
    return shape;
}

/// Whether a layer, or one inside, acts in another way while training.
bool changesInTraining(const Node& node) {
    if (node.model) {
        return std::ranges::any_of(node.model->nodes, [&](Node inner) {
            inner.trainable = inner.trainable && node.trainable;
            return changesInTraining(inner);
        });
    }
    const LayerDef* def = findLayerDef(node.type);
    // A frozen BatchNormalization keeps to its statistics anyway.
    return def != nullptr && (def->randomWhenTraining || (def->mixesBatch && node.trainable));
}

/// Reads one model; models inside it are read by further readers.
class Reader {
public:
    Reader(std::vector<std::string>& warnings, std::string path, ChannelOrder order)
        : m_warnings(warnings), m_path(std::move(path)), m_order(order) {}

    Expected<Graph> read(const Json& root) {
        const Json* config = jsonMember(root, "config");
        const Json* layers = config == nullptr ? nullptr : layersOf(*config);
        if (layers == nullptr || !layers->is_array() || layers->size() > kMostLayers) {
            return invalid("expected a list of at most 10,000 'layers'");
        }
        if (const Json* name = jsonMember(*config, "name"); name != nullptr && name->is_string()) {
            m_graph.name = name->get<std::string>();
        }
        m_isSequential = root["class_name"] == "Sequential";
        m_graph.kind = m_isSequential ? GraphKind::Auto : GraphKind::Functional;
        if (const auto added = addLayers(*layers, *config); !added) {
            return tl::unexpected(added.error());
        }
        const Expected<void> wired = m_isSequential ? chain() : wire(*layers, *config);
        if (!wired) {
            return tl::unexpected(wired.error());
        }
        matchCalls(m_graph);
        if (isFalse(jsonMember(*config, "trainable"))) {
            for (Node& node : m_graph.nodes) {
                node.trainable = false;
            }
        }
        if (m_order == ChannelOrder::First) {
            return channelsMovedLast(std::move(m_graph), m_channelsFirst);
        }
        return std::move(m_graph);
    }

private:
    Expected<void> addLayers(const Json& layers, const Json& config) {
        const Json* first = layers.empty() ? nullptr : jsonMember(layers[0], "config");
        const bool hasInput = first != nullptr && layers[0]["class_name"] == kInputType;
        const Json* built = jsonMember(config, "build_input_shape");
        Json shape;
        if (first != nullptr &&
            (first->contains("batch_input_shape") || first->contains("batch_shape"))) {
            shape = *first;
        } else if (built != nullptr && built->is_array() && built->size() > 1) {
            shape["batch_shape"] = *built;
        }
        if (!hasInput && m_isSequential && shape.is_object()) {
            if (const auto added = addLayer(std::string(kInputType), "input_layer", shape);
                !added) {
                return added;
            }
        }
        for (const Json& layer : layers) {
            const std::string type = kerasClass(layer["class_name"].get<std::string>());
            std::string name = nameOf(layer);
            if (name.empty()) {
                name = freeName(m_graph, type);
            }
            const auto added = isModelType(type) ? addModel(type, name, layer)
                                                 : addLayer(type, name, layer["config"]);
            if (!added) {
                return failure(added.error(), "layer '" + name + "' (" + type + ")");
            }
        }
        return {};
    }

    Expected<void> addModel(const std::string& type, const std::string& name, const Json& layer) {
        Expected<Graph> model = Reader(m_warnings, m_path + name + "/", m_order).read(layer);
        if (!model) {
            return tl::unexpected(model.error());
        }
        return addNode({.type = type,
                        .name = name,
                        .trainable = !isFalse(jsonMember(layer["config"], "trainable")),
                        .model = InnerGraph(*std::move(model))});
    }

    Expected<void> addLayer(const std::string& type, const std::string& name, const Json& config) {
        std::vector<std::string> warnings;
        Json known = type == kInputType ? inputConfig(config) : config;
        if (known.contains("data_format") && known["data_format"] == "channels_first") {
            m_channelsFirst.insert(m_graph.nextId);
            known["data_format"] = "channels_last";
        }
        Expected<ParamMap> params = paramsFromKeras(*findLayerDef(type), known, warnings);
        if (!params) {
            return tl::unexpected(params.error());
        }
        for (const std::string& warning : warnings) {
            m_warnings.push_back("layer '" + m_path + name + "': " + warning);
        }
        return addNode({.type = type,
                        .name = name,
                        .params = *std::move(params),
                        .trainable = !isFalse(jsonMember(config, "trainable"))});
    }

    Expected<void> addNode(Node node) {
        node.id = m_graph.nextId++;
        if (!m_calls.emplace(node.name, std::vector{node.id}).second) {
            return invalid("the name '" + node.name + "' is given to two layers");
        }
        m_graph.nodes.push_back(std::move(node));
        return {};
    }

    Expected<void> chain() {
        for (std::size_t i = 1; i < m_graph.nodes.size(); ++i) {
            if (m_graph.nodes[i].type == kInputType) {
                return invalid("layer '" + m_graph.nodes[i].name + "' is an Input inside a chain");
            }
            m_graph.edges.push_back({m_graph.nodes[i - 1].id, m_graph.nodes[i].id, 0});
        }
        return {};
    }

    Expected<void> wire(const Json& layers, const Json& config) {
        std::vector<std::vector<KerasCall>> calls;
        for (std::size_t i = 0; i < layers.size(); ++i) {
            auto made = callsFrom(layers[i], m_graph.nodes[i].id);
            if (!made) {
                return failure(made.error(), "layer '" + m_graph.nodes[i].name + "'");
            }
            calls.push_back(*std::move(made));
        }
        for (std::size_t i = 0; i < calls.size(); ++i) {
            const std::string name = m_graph.nodes[i].name;
            for (std::size_t call = 0; call < calls[i].size(); ++call) {
                if (const auto wired = wireCall(calls[i][call], m_calls.at(name)[call]); !wired) {
                    return failure(wired.error(), "layer '" + name + "'");
                }
            }
        }
        const std::vector<std::size_t> order = Wiring(m_graph).topologicalOrder();
        if (order.size() < m_graph.nodes.size()) {
            return invalid("the layers read each other in a circle: " + namesWithout(order));
        }
        sortInputs(config);
        return setOutputs(config);
    }

    /// The calls of a layer; adds a node for every call after the first.
    Expected<std::vector<KerasCall>> callsFrom(const Json& layer, NodeId id) {
        const Json* inbound = jsonMember(layer, "inbound_nodes");
        if (inbound == nullptr) {
            return invalid("its 'inbound_nodes' are missing");
        }
        auto calls = kerasCalls(*inbound);
        if (!calls) {
            return calls;
        }
        m_isKeras2 = m_isKeras2 || (!inbound->empty() && isKeras2Call(inbound->front()));
        if (calls->size() > kMostLayers || m_graph.nodes.size() > 2 * kMostLayers) {
            return invalid("it is called too often");
        }
        const Node node = *findNode(m_graph, id);
        if (node.type == kInputType && calls->size() > 1) {
            return invalid("an Input layer is called");
        }
        for (const KerasCall& call : *calls) {
            // Keras 3 notes what training was when the model was made, and passes the present one.
            if (m_isKeras2 && call.training && changesInTraining(node)) {
                return unsupported(
                    "it is called with training=" + std::string(*call.training ? "True" : "False") +
                    ", whatever the network does. Call it without that argument; to keep it as it "
                    "is while training, set its trainable to False");
            }
            if (&call != calls->data()) {
                Node further = node;
                further.id = m_graph.nextId++;
                further.sharedWith = id;
                m_calls.at(node.name).push_back(further.id);
                m_graph.nodes.push_back(std::move(further));
            }
        }
        return calls;
    }

    Expected<void> wireCall(const KerasCall& call, NodeId id) {
        const Arity arity = arityOf(*findNode(m_graph, id));
        if (static_cast<std::int64_t>(call.tensors.size()) > arity.max) {
            return invalid("it reads " + std::to_string(call.tensors.size()) +
                           " layers, but takes " + std::to_string(arity.max));
        }
        for (std::size_t port = 0; port < call.tensors.size(); ++port) {
            const Expected<Source> source = sourceOf(call.tensors[port], Place::Inside);
            if (!source) {
                return tl::unexpected(source.error());
            }
            m_graph.edges.push_back({source->node, id, static_cast<int>(port), source->output});
        }
        return {};
    }

    enum class Place { Inside, Output };

    /// Keras counts the making of a model as its first call: in Keras 2 everywhere, in Keras 3 only
    /// where the outputs of the model around it are named, and only for Functional ones.
    [[nodiscard]] std::int64_t firstCall(const Node& node, Place place) const {
        const bool counts = m_isKeras2 || (place == Place::Output && node.type == "Functional");
        return node.model && counts ? 1 : 0;
    }

    Expected<Source> sourceOf(const KerasTensor& tensor, Place place) const {
        const auto calls = m_calls.find(tensor.layer);
        if (calls == m_calls.end()) {
            return invalid("it reads '" + tensor.layer + "', which is not in the model");
        }
        const Node& node = *findNode(m_graph, calls->second.front());
        const auto count = static_cast<std::int64_t>(calls->second.size());
        std::int64_t call = tensor.call - firstCall(node, place);
        if (call < 0 && node.model) {
            call = tensor.call; // Some versions count from 0 all the same.
        }
        if (call < 0 || call >= count || tensor.tensor < 0 || tensor.tensor >= outputCount(node)) {
            return invalid("it reads result " + std::to_string(tensor.tensor) + " of call " +
                           std::to_string(tensor.call) + " of '" + tensor.layer +
                           "', which does not exist");
        }
        return Source{calls->second[static_cast<std::size_t>(call)],
                      static_cast<int>(tensor.tensor)};
    }

    [[nodiscard]] std::string namesWithout(const std::vector<std::size_t>& order) const {
        const std::unordered_set<std::size_t> sorted(order.begin(), order.end());
        std::vector<std::string> names;
        for (std::size_t i = 0; i < m_graph.nodes.size() && names.size() < 10; ++i) {
            if (!sorted.contains(i)) {
                names.push_back("'" + m_graph.nodes[i].name + "'");
            }
        }
        return join(names, ", ");
    }

    /// Input layers stand in the order in which the model takes its inputs.
    void sortInputs(const Json& config) {
        const Json* json = jsonMember(config, "input_layers");
        const auto inputs = json == nullptr ? std::nullopt : kerasTensors(*json);
        if (!inputs) {
            return;
        }
        std::vector<Node> sorted;
        for (const KerasTensor& input : *inputs) {
            const Node* node = findNode(m_graph, input.layer);
            if (node != nullptr && node->type == kInputType) {
                sorted.push_back(*node);
            }
        }
        std::vector<std::size_t> places;
        for (std::size_t i = 0; i < m_graph.nodes.size(); ++i) {
            const auto isThis = [&](const Node& node) { return node.id == m_graph.nodes[i].id; };
            if (std::ranges::any_of(sorted, isThis)) {
                places.push_back(i);
            }
        }
        if (places.size() == sorted.size()) {
            for (std::size_t i = 0; i < places.size(); ++i) {
                m_graph.nodes[places[i]] = std::move(sorted[i]);
            }
        }
    }

    Expected<void> setOutputs(const Json& config) {
        const Json* json = jsonMember(config, "output_layers");
        const auto tensors = json == nullptr ? std::nullopt : kerasTensors(*json);
        if (!tensors || tensors->empty()) {
            return invalid("the model's 'output_layers' are missing");
        }
        const std::vector<Source> ends = outputsOf(m_graph);
        std::vector<Source> outputs;
        for (const KerasTensor& tensor : *tensors) {
            const Expected<Source> output = sourceOf(tensor, Place::Output);
            if (!output) {
                return invalid("the model's 'output_layers' name '" + tensor.layer +
                               "', which is not there");
            }
            outputs.push_back(*output);
        }
        if (outputs == ends) {
            return {};
        }
        for (const Source& end : ends) {
            const auto sameNode = [&](const Source& output) { return output.node == end.node; };
            if (std::ranges::none_of(outputs, sameNode)) {
                return invalid("the layer '" + findNode(m_graph, end.node)->name +
                               "' is read by no other and is no output of the model");
            }
        }
        m_graph.outputs = std::move(outputs);
        return {};
    }

    std::vector<std::string>& m_warnings;
    std::string m_path; ///< Of the model inside the whole: "tower/".
    ChannelOrder m_order;
    bool m_isSequential = false;
    bool m_isKeras2 = false;
    Graph m_graph;
    std::unordered_map<std::string, std::vector<NodeId>> m_calls; ///< By name of the layer.
    std::unordered_set<NodeId> m_channelsFirst;
};

} // namespace

Expected<KerasModel> modelFromKeras(const Json& json) {
    if (const auto checked = checkKerasClasses(json); !checked) {
        return tl::unexpected(checked.error());
    }
    KerasModel model;
    Expected<Graph> graph = Reader(model.warnings, {}, channelOrderIn(json)).read(json);
    if (!graph) {
        return tl::unexpected(graph.error());
    }
    model.graph = *std::move(graph);
    return model;
}

Expected<KerasModel> modelFromKerasJson(std::string_view text) {
    const Expected<Json> json = parsedJson(text);
    return json ? modelFromKeras(*json) : tl::unexpected(json.error());
}

} // namespace nn::io
