#include "nn/model/summary.h"

#include "nn/base/saturated.h"
#include "nn/model/keras_order.h"
#include "nn/model/summary_tables.h"

#include <nlohmann/json.hpp>

namespace nn {
namespace {

SummaryRow rowOf(const Node& node, const NodeInference& facts,
                 const std::unordered_map<NodeId, const Node*>& nodes) {
    SummaryRow row;
    row.id = node.id;
    row.name = node.name;
    row.type = node.type;
    row.output = facts.output;
    row.params = saturatedSum(facts.trainableParams, facts.nonTrainableParams);
    row.hasWeights = !facts.weights.empty();
    row.trainable = node.trainable;
    for (const NodeId source : facts.inputs) {
        if (source != kNoNode) {
            row.connectedTo.push_back(nodes.at(source)->name);
        }
    }
    return row;
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
    std::unordered_map<NodeId, const Node*> nodes;
    nodes.reserve(graph.nodes.size());
    for (const Node& node : graph.nodes) {
        nodes.emplace(node.id, &node);
    }
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
            summary.rows.push_back(rowOf(*nodes.at(id), facts, nodes));
        }
    }
    summary.totalParams = saturatedSum(summary.trainableParams, summary.nonTrainableParams);
    return summary;
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
    nlohmann::ordered_json layers = nlohmann::ordered_json::array();
    for (const SummaryRow& row : summary.rows) {
        nlohmann::ordered_json shape;
        if (row.output) {
            shape = {nullptr};
            for (const std::int64_t extent : *row.output) {
                shape.push_back(extent < 0 ? nlohmann::ordered_json()
                                           : nlohmann::ordered_json(extent));
            }
        }
        layers.push_back({{"name", row.name},
                          {"class", row.type},
                          {"output_shape", shape},
                          {"params", row.params}});
    }
    const nlohmann::ordered_json json{{"name", summary.modelName},
                                      {"layers", layers},
                                      {"total_params", summary.totalParams},
                                      {"trainable_params", summary.trainableParams},
                                      {"non_trainable_params", summary.nonTrainableParams}};
    return json.dump();
}

std::string summaryCsv(const Summary& summary) {
    std::string text = "layer,class,output shape,parameters,trainable,connected to\n";
    for (const SummaryRow& row : summary.rows) {
        std::string sources;
        for (const std::string& source : row.connectedTo) {
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
