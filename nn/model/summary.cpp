#include "nn/model/summary.h"

#include "nn/base/saturated.h"
#include "nn/model/keras_order.h"
#include "nn/model/summary_tables.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace nn {
namespace {

using Nodes = std::unordered_map<NodeId, const Node*>;

/// The calls of each layer, itself the first, in the order they were made.
using Calls = std::unordered_map<NodeId, std::vector<NodeId>>;

Calls callsIn(const Graph& graph) {
    Calls calls;
    calls.reserve(graph.nodes.size());
    for (const Node& node : graph.nodes) {
        if (node.sharedWith == kNoNode) {
            calls[node.id] = {node.id};
        }
    }
    for (const Node& node : graph.nodes) {
        if (node.sharedWith != kNoNode) {
            calls[node.sharedWith].push_back(node.id);
        }
    }
    return calls;
}

/// Keras' [call]: how many calls of the same layer were made before.
std::size_t callOf(const Calls& calls, const Node& node) {
    const std::vector<NodeId>& ofLayer = calls.at(layerOf(node));
    return static_cast<std::size_t>(std::ranges::find(ofLayer, node.id) - ofLayer.begin());
}

void addConnections(const Calls& calls, const Nodes& nodes, const NodeInference& facts,
                    SummaryRow& row) {
    for (std::size_t port = 0; port < facts.inputs.size(); ++port) {
        if (facts.inputs[port] == kNoNode) {
            continue;
        }
        const Node& source = *nodes.at(facts.inputs[port]);
        const Node& layer = *nodes.at(layerOf(source));
        const std::size_t call = source.sharedWith == kNoNode ? 0 : callOf(calls, source);
        row.connectedTo.push_back(layer.name + "[" + std::to_string(call) + "][" +
                                  std::to_string(facts.inputOutputs[port]) + "]");
    }
}

SummaryRow rowOf(const Calls& calls, const Nodes& nodes, const Inference& inference,
                 const Node& node) {
    const NodeInference& facts = *inference.find(node.id);
    SummaryRow row;
    row.id = node.id;
    row.name = node.name;
    row.type = node.type;
    row.params = saturatedSum(facts.trainableParams, facts.nonTrainableParams);
    row.hasWeights = !facts.weights.empty();
    row.trainable = node.trainable;
    // Keras shows the shape of the last call.
    for (const NodeId call : calls.at(node.id)) {
        const NodeInference& made = *inference.find(call);
        row.output = made.output;
        row.furtherOutputs = made.furtherOutputs;
        addConnections(calls, nodes, made, row);
    }
    if (facts.inner != nullptr) {
        // Inside, Keras shows the shapes the model was made with, not those of its calls.
        const bool hasInput = !infer(*node.model).inputs.empty();
        const Graph& inner = hasInput ? *node.model : facts.inner->graph;
        Graph asMade = inner;
        asMade.kind = node.model->kind;
        row.inner = summaryOf(asMade, infer(asMade)).rows;
    }
    return row;
}

nlohmann::ordered_json shapeJson(const Shape& shape) {
    nlohmann::ordered_json json{nullptr};
    for (const std::int64_t extent : shape) {
        json.push_back(extent < 0 ? nlohmann::ordered_json() : nlohmann::ordered_json(extent));
    }
    return json;
}

nlohmann::ordered_json rowsJson(const std::vector<SummaryRow>& rows) {
    nlohmann::ordered_json layers = nlohmann::ordered_json::array();
    for (const SummaryRow& row : rows) {
        nlohmann::ordered_json shape;
        if (row.output && row.furtherOutputs.empty()) {
            shape = shapeJson(*row.output);
        } else if (row.output) {
            shape.push_back(shapeJson(*row.output));
            for (const Shape& further : row.furtherOutputs) {
                shape.push_back(shapeJson(further));
            }
        }
        layers.push_back({{"name", row.name},
                          {"class", row.type},
                          {"output_shape", shape},
                          {"params", row.params}});
        if (!row.inner.empty()) {
            layers.back()["layers"] = rowsJson(row.inner);
        }
    }
    return layers;
}

std::string csvField(const std::string& text) {
    if (text.find_first_of(",\"\n") == std::string::npos) {
        return text;
    }
    std::string quoted = "\"";
    for (const char c : text) {
        quoted += c == '"' ? "\"\"" : std::string(1, c);
    }
    return quoted + "\"";
}

} // namespace

Summary summaryOf(const Graph& graph, const Inference& inference) {
    Nodes nodes;
    nodes.reserve(graph.nodes.size());
    for (const Node& node : graph.nodes) {
        nodes.emplace(node.id, &node);
    }
    const Calls calls = callsIn(graph);
    const KerasOrder order = kerasOrder(graph);
    const bool omitsInput = isSequential(graph);
    Summary summary;
    summary.modelName = modelName(graph);
    summary.showsConnections = !omitsInput && !order.isChain;
    summary.rows.reserve(order.layers.size());
    for (const NodeId id : order.layers) {
        const NodeInference& facts = *inference.find(id);
        summary.trainableParams = saturatedSum(summary.trainableParams, facts.trainableParams);
        summary.nonTrainableParams =
            saturatedSum(summary.nonTrainableParams, facts.nonTrainableParams);
        const bool isInput = facts.def != nullptr && facts.def->category == Category::Input;
        if (!omitsInput || !isInput) {
            summary.rows.push_back(rowOf(calls, nodes, inference, *nodes.at(id)));
        }
    }
    summary.totalParams = saturatedSum(summary.trainableParams, summary.nonTrainableParams);
    return summary;
}

std::vector<std::string> sourceNames(const SummaryRow& row) {
    constexpr std::string_view first = "[0][0]";
    std::vector<std::string> names;
    for (const std::string& source : row.connectedTo) {
        const bool isFirst = source.ends_with(first);
        names.push_back(source.substr(0, source.size() - (isFirst ? first.size() : 0)));
    }
    return names;
}

std::string summaryText(const Summary& summary, const SummaryTextOptions& options) {
    switch (options.style) {
    case SummaryStyle::Keras3:
        return keras3Table(summary, options);
    case SummaryStyle::Keras2:
        return keras2Table(summary, options);
    }
    return {};
}

std::string summaryJson(const Summary& summary) {
    const nlohmann::ordered_json json{{"name", summary.modelName},
                                      {"layers", rowsJson(summary.rows)},
                                      {"total_params", summary.totalParams},
                                      {"trainable_params", summary.trainableParams},
                                      {"non_trainable_params", summary.nonTrainableParams}};
    return json.dump();
}

std::string summaryCsv(const Summary& summary) {
    std::string text = "layer,class,output shape,parameters,trainable,connected to\n";
    for (const SummaryRow& row : summary.rows) {
        std::string sources;
        for (const std::string& source : sourceNames(row)) {
            sources += (sources.empty() ? "" : " ") + source;
        }
        text += csvField(row.name) + ',' + row.type + ',' +
                csvField(row.output ? kerasShapeText(*row.output) : "?") + ',' +
                std::to_string(row.params) + ',' + (row.trainable ? "yes" : "no") + ',' +
                csvField(sources) + '\n';
    }
    return text;
}

} // namespace nn
