#include "nn/model/summary.h"

#include "nn/base/saturated.h"
#include "nn/base/text.h"
#include "nn/model/cost.h"
#include "nn/model/keras_order.h"
#include "nn/model/summary_tables.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace nn {
namespace {

using Nodes = std::unordered_map<NodeId, const Node*>;

/// The further calls of the layers that have some, in the order they were made.
using Calls = std::unordered_map<NodeId, std::vector<NodeId>>;

Calls furtherCalls(const Graph& graph) {
    Calls calls;
    for (const Node& node : graph.nodes) {
        if (node.sharedWith != kNoNode) {
            calls[node.sharedWith].push_back(node.id);
        }
    }
    return calls;
}

/// Keras' [call]: how many calls of the same layer were made before.
std::size_t callOf(const Calls& calls, const Node& node) {
    if (node.sharedWith == kNoNode) {
        return 0;
    }
    const std::vector<NodeId>& further = calls.at(node.sharedWith);
    return static_cast<std::size_t>(std::ranges::find(further, node.id) - further.begin()) + 1;
}

void addConnections(const Calls& calls, const Nodes& nodes, const NodeInference& facts,
                    SummaryRow& row) {
    for (std::size_t port = 0; port < facts.inputs.size(); ++port) {
        if (facts.inputs[port] == kNoNode) {
            continue;
        }
        const Node& source = *nodes.at(facts.inputs[port]);
        const Node& layer = source.sharedWith == kNoNode ? source : *nodes.at(source.sharedWith);
        row.connectedTo.push_back(layer.name + "[" + std::to_string(callOf(calls, source)) + "][" +
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
    row.params = paramsOf(facts);
    row.hasWeights = !facts.weights.empty();
    row.trainable = node.trainable;
    row.macs = facts.cost.macs;
    row.activationBytes = costsOf(node.id, facts).activationBytes;
    row.output = facts.output;
    row.furtherOutputs = facts.furtherOutputs;
    addConnections(calls, nodes, facts, row);
    if (const auto further = calls.find(node.id); further != calls.end()) {
        for (const NodeId call : further->second) {
            addConnections(calls, nodes, *inference.find(call), row);
        }
        // Keras shows the shape of the last call.
        const NodeInference& last = *inference.find(further->second.back());
        row.output = last.output;
        row.furtherOutputs = last.furtherOutputs;
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

std::string csvLine(std::vector<std::string> cells) {
    std::ranges::transform(cells, cells.begin(), csvField);
    return join(cells, ",") + '\n';
}

} // namespace

Summary summaryOf(const Graph& graph, const Inference& inference) {
    Nodes nodes;
    nodes.reserve(graph.nodes.size());
    for (const Node& node : graph.nodes) {
        nodes.emplace(node.id, &node);
    }
    const Calls calls = furtherCalls(graph);
    const KerasOrder order = kerasOrder(graph);
    const bool omitsInput = isSequential(graph);
    const bool hasFields = inference.inputs.size() == 1;
    const std::unordered_map<NodeId, ReceptiveField> fields =
        hasFields ? receptiveFields(graph, inference, inference.inputs.front())
                  : std::unordered_map<NodeId, ReceptiveField>{};
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
            SummaryRow& row =
                summary.rows.emplace_back(rowOf(calls, nodes, inference, *nodes.at(id)));
            if (const auto field = fields.find(id); field != fields.end()) {
                row.field = field->second;
            }
        }
    }
    const LayerCosts total = costsOf(inference).total;
    summary.macs = total.macs;
    summary.activationBytes = total.activationBytes;
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
    std::string text = "layer,type,output_shape,params,trainable,macs,activation_bytes,"
                       "receptive_field,connected_to\n";
    for (const SummaryRow& row : summary.rows) {
        text += csvLine({row.name, row.type, row.output ? kerasShapeText(*row.output) : "?",
                         std::to_string(row.params), row.trainable ? "yes" : "no",
                         std::to_string(row.macs), std::to_string(row.activationBytes),
                         row.field ? fieldText(*row.field) : "", join(sourceNames(row), ", ")});
    }
    return text;
}

} // namespace nn
