#include "nn/train/output_plan.h"

#include "nn/base/text.h"
#include "nn/model/graph.h"

#include <algorithm>

namespace nn {
namespace {

/// "auto", Keras' "crossentropy" for the kind that fits, or any name of a loss.
Expected<const LossDef*> lossNamed(const std::string& name, std::int64_t width) {
    if (name == "auto") {
        return findLossDef(width == 1 ? "mean_squared_error" : "sparse_categorical_crossentropy");
    }
    if (name == "crossentropy" || name == "ce") {
        return findLossDef(width == 1 ? "binary_crossentropy" : "sparse_categorical_crossentropy");
    }
    if (const LossDef* def = findLossDef(name)) {
        return def;
    }
    std::vector<std::string> names;
    for (const LossDef& def : lossDefs()) {
        names.push_back(def.name);
    }
    return failure(ErrorCode::Usage, "Expected a loss (auto, " + join(names, ", ") +
                                         "), but received \"" + name + "\".");
}

Expected<void> checkNames(const TrainSettings& settings, const std::vector<OutputPlan>& plans) {
    for (const auto& [name, loss] : settings.outputLosses) {
        if (std::ranges::find(plans, name, &OutputPlan::name) == plans.end()) {
            std::vector<std::string> names;
            for (const OutputPlan& plan : plans) {
                names.push_back(plan.name);
            }
            return failure(ErrorCode::Usage, "A loss is given for the output \"" + name +
                                                 "\", but the outputs are " + join(names, ", ") +
                                                 ".");
        }
    }
    return {};
}

} // namespace

bool isLossName(std::string_view name) {
    return name == "auto" || name == "crossentropy" || name == "ce" || findLossDef(name) != nullptr;
}

Expected<std::vector<OutputPlan>> plannedOutputs(const TrainSettings& settings, const Graph& graph,
                                                 const Inference& inference) {
    if (inference.outputs.empty()) {
        return failure(ErrorCode::Usage,
                       "Training needs a network with an output, but this one has none.");
    }
    std::vector<OutputPlan> plans;
    for (const NodeId id : inference.outputs) {
        const Node* node = findNode(graph, id);
        const NodeInference* known = inference.find(id);
        OutputPlan plan{.name = node == nullptr ? std::string() : node->name};
        if (known != nullptr && known->output && known->output->rank() > 0) {
            plan.width = known->output->back();
        }
        const auto own = settings.outputLosses.find(plan.name);
        const bool isOwn = own != settings.outputLosses.end();
        const Expected<const LossDef*> loss =
            lossNamed(isOwn ? own->second.loss : settings.loss, plan.width);
        if (!loss) {
            return tl::unexpected(loss.error());
        }
        plan.loss = *loss;
        plan.lossParams = isOwn ? own->second.lossParams : settings.lossParams;
        plan.weight = isOwn ? own->second.weight : 1.0;
        plans.push_back(std::move(plan));
    }
    if (auto checked = checkNames(settings, plans); !checked) {
        return tl::unexpected(checked.error());
    }
    return plans;
}

} // namespace nn
