#include "nn/io/project_file.h"

#include "nn/base/text.h"
#include "nn/io/file.h"
#include "nn/model/calls.h"
#include "nn/model/nested.h"
#include "nn/model/registry.h"

#include <algorithm>
#include <set>

namespace nn::io {
namespace {

constexpr std::size_t kMostNodes = 10'000;
constexpr std::size_t kLongestName = 1024;
constexpr NodeId kLargestId = NodeId{1} << 53;

Json nodeJson(const Node& node) {
    Json json = {{"id", node.id}, {"class_name", node.type}, {"name", node.name}};
    if (!node.trainable) {
        json["trainable"] = false;
    }
    if (node.sharedWith != kNoNode) {
        json["shared_with"] = node.sharedWith; // Everything else is that layer's.
        return json;
    }
    if (node.model) {
        json["model"] = graphJson(*node.model);
    }
    const LayerDef* def = findLayerDef(node.type);
    json["config"] = def == nullptr ? Json::object() : toJson(node.params, def->params);
    return json;
}

Expected<Graph> graphFromJson(const Json& json, int depth);

Expected<void> readModel(const Json& json, int depth, Node& node) {
    const auto model = json.find("model");
    if (model == json.end()) {
        return {};
    }
    if (!isModelType(node.type)) {
        return invalidFile("A layer of class " + node.type + " holds no model.");
    }
    Expected<Graph> graph = graphFromJson(*model, depth + 1);
    if (!graph) {
        return tl::unexpected(graph.error().in("model \"" + node.name + "\""));
    }
    node.model = InnerGraph(*std::move(graph));
    return {};
}

Expected<Node> nodeFromJson(const Json& json, int depth) {
    Node node;
    const Expected<std::int64_t> id = integerMember(json, "id");
    const Expected<std::string> type = textMember(json, "class_name");
    const Expected<std::string> name = textMember(json, "name");
    if (!id || !type || !name) {
        return tl::unexpected(!id ? id.error() : (!type ? type.error() : name.error()));
    }
    node = {.id = *id, .type = *type, .name = *name};
    if (node.id <= kNoNode || node.id > kLargestId || node.name.empty() ||
        node.name.size() > kLongestName) {
        return invalidFile("Expected an id from 1 and a name of 1 to 1,024 bytes, but "
                           "received id " +
                           std::to_string(node.id) + " and a name of " +
                           std::to_string(node.name.size()) + " bytes.");
    }
    if (const auto trainable = json.find("trainable"); trainable != json.end()) {
        if (!trainable->is_boolean()) {
            return invalidFile("Expected true or false in the member \"trainable\".");
        }
        node.trainable = trainable->get<bool>();
    }
    if (json.contains("shared_with")) {
        const Expected<std::int64_t> layer = integerMember(json, "shared_with");
        if (!layer) {
            return tl::unexpected(layer.error());
        }
        node.sharedWith = *layer;
    }
    if (const auto read = readModel(json, depth, node); !read) {
        return tl::unexpected(read.error());
    }
    const LayerDef* def = findLayerDef(node.type);
    if (const auto config = json.find("config"); def != nullptr && config != json.end()) {
        Expected<ParamMap> params = paramsFromJson(def->params, *config);
        if (!params) {
            return tl::unexpected(params.error().in("layer \"" + node.name + "\""));
        }
        node.params = *std::move(params);
    }
    return node;
}

Expected<Edge> edgeFromJson(const Json& json, const Graph& graph) {
    const bool isList = json.is_array() && (json.size() == 3 || json.size() == 4);
    if (!isList ||
        !std::ranges::all_of(json, [](const Json& item) { return item.is_number_integer(); })) {
        return invalidFile("Expected a wire as [from, to, port], but received " +
                           json.dump().substr(0, 80) + ".");
    }
    const auto port = json[2].get<std::int64_t>();
    const auto output = json.size() == 4 ? json[3].get<std::int64_t>() : 0;
    const Edge edge{json[0].get<std::int64_t>(), json[1].get<std::int64_t>(),
                    static_cast<int>(std::clamp<std::int64_t>(port, -1, kManyInputs)),
                    static_cast<int>(std::clamp<std::int64_t>(output, -1, kManyInputs))};
    const Node* from = findNode(graph, edge.from);
    const Node* to = findNode(graph, edge.to);
    if (from == nullptr || to == nullptr) {
        return invalidFile("The wire " + json.dump() + " joins a layer that is not there.");
    }
    if (edge.output < 0 || edge.output >= outputCount(*from)) {
        return invalidFile("The wire " + json.dump() + " starts at output " +
                           std::to_string(output) + " of \"" + from->name +
                           "\", which it does not have.");
    }
    const bool taken = std::ranges::any_of(graph.edges, [&](const Edge& other) {
        return other.to == edge.to && other.port == edge.port;
    });
    if (port < 0 || port >= arityOf(*to).max || taken) {
        return invalidFile("The wire " + json.dump() + " ends at input " + std::to_string(port) +
                           " of \"" + to->name + "\", which " +
                           (taken ? "already has a wire." : "it does not have."));
    }
    if (reaches(graph, edge.to, edge.from)) {
        return invalidFile("The wire from \"" + findNode(graph, edge.from)->name + "\" to \"" +
                           to->name + "\" closes a circle; a network must have none.");
    }
    return edge;
}

/// Further calls name a layer of the same class, which is no further call itself.
Expected<void> checkCalls(const Graph& graph) {
    for (const Node& node : graph.nodes) {
        if (node.sharedWith == kNoNode) {
            continue;
        }
        const Node* layer = findNode(graph, node.sharedWith);
        if (layer == nullptr || layer->sharedWith != kNoNode || layer->type != node.type ||
            layer->type == kInputType) {
            return invalidFile("\"" + node.name + "\" shares the weights of layer " +
                               std::to_string(node.sharedWith) +
                               ", which is not there or of another kind.");
        }
    }
    return {};
}

Expected<void> readOutputs(const Json& json, Graph& graph) {
    const auto outputs = json.find("outputs");
    if (outputs == json.end()) {
        return {};
    }
    for (const Json& item : outputs->is_array() ? *outputs : Json::array({nullptr})) {
        const bool isPair = item.is_array() && item.size() == 2 && item[0].is_number_integer() &&
                            item[1].is_number_integer();
        const Node* node = isPair ? findNode(graph, item[0].get<NodeId>()) : nullptr;
        const auto output = isPair ? item[1].get<std::int64_t>() : -1;
        if (node == nullptr || output < 0 || output >= outputCount(*node)) {
            return invalidFile("Expected outputs as [layer, number], but received " +
                               item.dump().substr(0, 80) + ".");
        }
        graph.outputs.push_back({node->id, static_cast<int>(output)});
    }
    return {};
}

Expected<void> checkNodes(const Graph& graph) {
    std::set<NodeId> ids;
    std::set<std::string> names;
    std::vector<std::string> unknown;
    for (const Node& node : graph.nodes) {
        if (!ids.insert(node.id).second || !names.insert(node.name).second) {
            return invalidFile("The id " + std::to_string(node.id) + " or the name \"" + node.name +
                               "\" is given to two layers.");
        }
        if (findLayerDef(node.type) == nullptr) {
            unknown.push_back("\"" + node.name + "\" (" + node.type + ")");
        }
    }
    if (!unknown.empty()) {
        return failure(
            ErrorCode::Unsupported,
            "This version does not know the kind of these layers: " + join(unknown, ", ") +
                ". Open the file with the version that made it, or a newer one.");
    }
    return {};
}

Expected<Graph> graphFromJson(const Json& json, int depth) {
    if (depth > kDeepestModels) {
        return failure(ErrorCode::Unsupported, "Models are inside each other more than 16 deep.");
    }
    Graph graph;
    const Expected<std::string> name = textMember(json, "name");
    const Expected<std::int64_t> nextId = integerMember(json, "next_id");
    if (!name || !nextId) {
        return tl::unexpected(!name ? name.error() : nextId.error());
    }
    graph.name = name->substr(0, kLongestName);
    graph.kind =
        json.value("kind", Json()) == "functional" ? GraphKind::Functional : GraphKind::Auto;
    const auto nodes = json.find("nodes");
    const auto edges = json.find("edges");
    if (nodes == json.end() || edges == json.end() || !nodes->is_array() || !edges->is_array() ||
        nodes->size() > kMostNodes || edges->size() > kMostNodes * kManyInputs) {
        return invalidFile("Expected lists of at most 10,000 \"nodes\" and their \"edges\".");
    }
    for (const Json& item : *nodes) {
        Expected<Node> node = nodeFromJson(item, depth);
        if (!node) {
            return tl::unexpected(
                node.error().in("node " + std::to_string(graph.nodes.size() + 1)));
        }
        graph.nextId = std::max(graph.nextId, node->id + 1);
        graph.nodes.push_back(*std::move(node));
    }
    graph.nextId = std::max(graph.nextId, std::min(*nextId, kLargestId));
    if (auto checked = checkNodes(graph); !checked) {
        return tl::unexpected(checked.error());
    }
    if (auto checked = checkCalls(graph); !checked) {
        return tl::unexpected(checked.error());
    }
    matchCalls(graph);
    for (const Json& item : *edges) {
        const Expected<Edge> edge = edgeFromJson(item, graph);
        if (!edge) {
            return tl::unexpected(edge.error());
        }
        graph.edges.push_back(*edge);
    }
    if (auto read = readOutputs(json, graph); !read) {
        return tl::unexpected(read.error());
    }
    return graph;
}

} // namespace

Json graphJson(const Graph& graph) {
    Json json = {{"name", graph.name}, {"next_id", graph.nextId}};
    if (graph.kind == GraphKind::Functional) {
        json["kind"] = "functional";
    }
    json["nodes"] = Json::array();
    for (const Node& node : graph.nodes) {
        json["nodes"].push_back(nodeJson(node));
    }
    json["edges"] = Json::array();
    for (const Edge& edge : graph.edges) {
        json["edges"].push_back({edge.from, edge.to, edge.port});
        if (edge.output != 0) {
            json["edges"].back().push_back(edge.output);
        }
    }
    for (const Source& output : graph.outputs) {
        json["outputs"].push_back({output.node, output.output});
    }
    return json;
}

Expected<Graph> graphFromJson(const Json& json) {
    return graphFromJson(json, 0);
}

} // namespace nn::io
