#include "nn/io/keras_json.h"

#include "nn/base/text.h"
#include "nn/io/keras_config.h"
#include "nn/model/registry.h"
#include "nn/model/wiring.h"

#include <algorithm>
#include <unordered_map>

namespace nn::io {
namespace {

constexpr std::size_t kMostLayers = 10'000;

tl::unexpected<Error> invalid(std::string message) {
    return failure(ErrorCode::InvalidFile, std::move(message));
}
tl::unexpected<Error> unsupported(std::string message) {
    return failure(ErrorCode::Unsupported, std::move(message));
}

const Json* member(const Json& object, const char* name) {
    if (!object.is_object()) {
        return nullptr;
    }
    const auto found = object.find(name);
    return found == object.end() ? nullptr : &*found;
}

/// One tensor that a layer reads: which layer made it, by which call, which of its results.
struct Source {
    std::string layer;
    std::int64_t call = 0;
    std::int64_t tensor = 0;
};

std::optional<Source> sourceFrom(const Json& list) {
    if (!list.is_array() || list.size() < 3 || !list[0].is_string() ||
        !list[1].is_number_integer() || !list[2].is_number_integer()) {
        return std::nullopt;
    }
    return Source{list[0].get<std::string>(), list[1].get<std::int64_t>(),
                  list[2].get<std::int64_t>()};
}

/// Keras 3: tensors are objects with a history, alone or in lists.
bool addTensors(const Json& value, std::vector<Source>& sources) {
    if (value.is_array()) {
        return std::ranges::all_of(value,
                                   [&](const Json& item) { return addTensors(item, sources); });
    }
    const Json* config = member(value, "config");
    const Json* history = config == nullptr ? nullptr : member(*config, "keras_history");
    const auto source = history == nullptr ? std::nullopt : sourceFrom(*history);
    if (source) {
        sources.push_back(*source);
    }
    return source.has_value();
}

bool holdsTensor(const Json& value) {
    return value.dump().find("keras_history") != std::string::npos;
}

/// One call of a layer in Keras 3 ({"args", "kwargs"}) or Keras 2 ([[layer, call, tensor, {}], …]).
Expected<std::vector<Source>> sourcesOf(const Json& call) {
    std::vector<Source> sources;
    bool understood = false;
    if (const Json* args = member(call, "args"); args != nullptr && args->is_array()) {
        const Json* extras = member(call, "kwargs");
        if (extras != nullptr && holdsTensor(*extras)) {
            return unsupported("it is given inputs by name");
        }
        understood = addTensors(*args, sources);
    } else if (call.is_array()) {
        understood = std::ranges::all_of(call, [&](const Json& item) {
            const auto source = sourceFrom(item);
            if (source) {
                sources.push_back(*source);
            }
            return source.has_value();
        });
    }
    if (!understood) {
        return invalid("its 'inbound_nodes' do not name the layers it reads");
    }
    return sources;
}

class Reader {
public:
    Expected<KerasModel> read(const Json& root) {
        const Json* config = member(root, "config");
        const Json* type = member(root, "class_name");
        if (config == nullptr || type == nullptr || !type->is_string()) {
            return invalid("expected a Keras model with 'class_name' and 'config'");
        }
        const bool isSequential = *type == "Sequential";
        if (!isSequential && *type != "Functional" && *type != "Model") {
            return unsupported("expected a Sequential or Functional model, received '" +
                               type->get<std::string>() + "'");
        }
        // Keras before 2.3 wrote the layers of a Sequential model as the config itself.
        const Json* layers = config->is_array() ? config : member(*config, "layers");
        if (layers == nullptr || !layers->is_array() || layers->size() > kMostLayers) {
            return invalid("expected a list of at most 10,000 'layers'");
        }
        if (const Json* name = member(*config, "name"); name != nullptr && name->is_string()) {
            m_model.graph.name = name->get<std::string>();
        }
        m_model.graph.kind = isSequential ? GraphKind::Auto : GraphKind::Functional;
        for (const auto& step : {&Reader::checkClasses, &Reader::addLayers}) {
            if (const Expected<void> done = (this->*step)(*layers); !done) {
                return tl::unexpected(done.error());
            }
        }
        const Expected<void> wired = isSequential ? chain() : wire(*layers, *config);
        if (!wired) {
            return tl::unexpected(wired.error());
        }
        return std::move(m_model);
    }

private:
    static std::string nameOf(const Json& layer) {
        const Json* config = member(layer, "config");
        const Json* name = config == nullptr ? nullptr : member(*config, "name");
        return name != nullptr && name->is_string() ? name->get<std::string>() : std::string();
    }

    Expected<void> checkClasses(const Json& layers) {
        std::vector<std::string> offenders;
        for (const Json& layer : layers) {
            const Json* type = member(layer, "class_name");
            const Json* config = member(layer, "config");
            if (type == nullptr || !type->is_string() || config == nullptr ||
                !config->is_object()) {
                return invalid("expected each layer to have a 'class_name' and a 'config'");
            }
            const std::string name = type->get<std::string>();
            if (findLayerDef(name) != nullptr) {
                continue;
            }
            const bool isModel = name == "Sequential" || name == "Functional" || name == "Model";
            offenders.push_back("'" + nameOf(layer) + "' (" +
                                (isModel ? "a model inside the model" : name) + ")");
        }
        if (!offenders.empty()) {
            return unsupported("these layers are not supported: " + join(offenders, ", "));
        }
        return {};
    }

    Expected<void> addLayers(const Json& layers) {
        const Json* first = layers.empty() ? nullptr : member(layers[0], "config");
        const bool hasInput = first != nullptr && layers[0]["class_name"] == kInputType;
        if (!hasInput && first != nullptr && m_model.graph.kind == GraphKind::Auto &&
            (first->contains("batch_input_shape") || first->contains("batch_shape"))) {
            if (const auto added = addLayer(std::string(kInputType), "input_layer", *first);
                !added) {
                return added;
            }
        }
        for (const Json& layer : layers) {
            const std::string type = layer["class_name"].get<std::string>();
            std::string name = nameOf(layer);
            if (name.empty()) {
                name = freeName(m_model.graph, type);
            }
            if (const auto added = addLayer(type, name, layer["config"]); !added) {
                return failure(added.error(), "layer '" + name + "' (" + type + ")");
            }
        }
        return {};
    }

    Expected<void> addLayer(const std::string& type, const std::string& name, const Json& config) {
        std::vector<std::string> warnings;
        Expected<ParamMap> params = Expected<ParamMap>();
        if (type == kInputType) {
            params = paramsFromKeras(*findLayerDef(type), inputConfig(config), warnings);
        } else {
            params = paramsFromKeras(*findLayerDef(type), config, warnings);
        }
        if (!params) {
            return tl::unexpected(params.error());
        }
        Graph& graph = m_model.graph;
        if (!m_ids.emplace(name, graph.nextId).second) {
            return invalid("the name '" + name + "' is given to two layers");
        }
        const Json* trainable = member(config, "trainable");
        const bool isFrozen = trainable != nullptr && *trainable == false;
        graph.nodes.push_back({graph.nextId++, type, name, std::move(*params), !isFrozen});
        for (const std::string& warning : warnings) {
            m_model.warnings.push_back("layer '" + name + "': " + warning);
        }
        return {};
    }

    /// Only what says the shape: the config may be that of the layer behind.
    static Json inputConfig(const Json& config) {
        Json shape = Json::object();
        for (const char* key : {"batch_shape", "batch_input_shape", "shape", "sparse", "dtype"}) {
            if (const Json* value = member(config, key)) {
                shape[key] = *value;
            }
        }
        return shape;
    }

    Expected<void> chain() {
        Graph& graph = m_model.graph;
        for (std::size_t i = 1; i < graph.nodes.size(); ++i) {
            if (graph.nodes[i].type == kInputType) {
                return invalid("layer '" + graph.nodes[i].name + "' is an Input inside a chain");
            }
            graph.edges.push_back({graph.nodes[i - 1].id, graph.nodes[i].id, 0});
        }
        return {};
    }

    Expected<void> wire(const Json& layers, const Json& config) {
        for (std::size_t i = 0; i < layers.size(); ++i) {
            if (const auto wired = wireLayer(layers[i], m_model.graph.nodes[i]); !wired) {
                return failure(wired.error(), "layer '" + m_model.graph.nodes[i].name + "'");
            }
        }
        const std::vector<std::size_t> order = Wiring(m_model.graph).topologicalOrder();
        if (order.size() < m_model.graph.nodes.size()) {
            return invalid("the layers read each other in a circle: " + namesWithout(order));
        }
        return checkOutputs(config);
    }

    Expected<void> wireLayer(const Json& layer, const Node& node) {
        const Json* calls = member(layer, "inbound_nodes");
        if (calls == nullptr || !calls->is_array()) {
            return invalid("its 'inbound_nodes' are missing");
        }
        if (calls->size() > 1) {
            return unsupported("it is used " + std::to_string(calls->size()) +
                               " times; shared layers are not supported");
        }
        if (calls->empty()) {
            return {};
        }
        const Expected<std::vector<Source>> sources = sourcesOf(calls->front());
        if (!sources) {
            return tl::unexpected(sources.error());
        }
        const LayerDef& def = *findLayerDef(node.type);
        if (static_cast<std::int64_t>(sources->size()) > def.arity.max) {
            return invalid("it reads " + std::to_string(sources->size()) + " layers, but takes " +
                           std::to_string(def.arity.max));
        }
        for (const Source& source : *sources) {
            const auto from = m_ids.find(source.layer);
            if (from == m_ids.end()) {
                return invalid("it reads '" + source.layer + "', which is not in the model");
            }
            if (source.call != 0 || source.tensor != 0) {
                return unsupported("it reads a further call or result of '" + source.layer + "'");
            }
            const auto port = static_cast<int>(&source - sources->data());
            m_model.graph.edges.push_back({from->second, node.id, port});
        }
        return {};
    }

    [[nodiscard]] std::string namesWithout(const std::vector<std::size_t>& order) const {
        std::vector<std::string> names;
        for (std::size_t i = 0; i < m_model.graph.nodes.size() && names.size() < 10; ++i) {
            if (std::ranges::find(order, i) == order.end()) {
                names.push_back("'" + m_model.graph.nodes[i].name + "'");
            }
        }
        return join(names, ", ");
    }

    /// The outputs of a graph are the layers nobody reads, so Keras' must be the same.
    [[nodiscard]] Expected<void> checkOutputs(const Json& config) const {
        const Json* outputs = member(config, "output_layers");
        if (outputs == nullptr || !outputs->is_array()) {
            return invalid("the model's 'output_layers' are missing");
        }
        const bool isFlat = !outputs->empty() && outputs->front().is_string();
        const Json nested = isFlat ? Json::array({*outputs}) : *outputs;
        for (const Json& item : nested) {
            const auto output = sourceFrom(item);
            const auto id = output ? m_ids.find(output->layer) : m_ids.end();
            if (id == m_ids.end()) {
                return invalid("the model's 'output_layers' name a layer that is not there");
            }
            if (!readersOf(m_model.graph, id->second).empty()) {
                return unsupported("the model's output '" + output->layer +
                                   "' is read by other layers too; only ends can be outputs");
            }
        }
        return {};
    }

    KerasModel m_model;
    std::unordered_map<std::string, NodeId> m_ids;
};

} // namespace

Expected<KerasModel> modelFromKeras(const Json& json) {
    return Reader().read(json);
}

Expected<KerasModel> modelFromKerasJson(std::string_view text) {
    const Expected<Json> json = parsedJson(text);
    return json ? modelFromKeras(*json) : tl::unexpected(json.error());
}

} // namespace nn::io
