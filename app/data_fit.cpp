#include "app/data_fit.h"

#include "nn/model/registry.h"

namespace app {

namespace {

using Extents = std::vector<std::int64_t>;

const nn::ParamValue* valueOf(const nn::Node& node, std::string_view param) {
    const nn::LayerDef* def = nn::findLayerDef(node.type);
    const nn::ParamSpec* spec = def == nullptr ? nullptr : nn::findSpec(def->params, param);
    return spec == nullptr ? nullptr : &nn::paramValue(node.params, *spec);
}

/// The last layer with a number of units, looking back from the output through layers that keep
/// it.
const nn::Node* classifier(const nn::Graph& graph, const nn::Inference& inference) {
    if (inference.outputs.size() != 1) {
        return nullptr;
    }
    nn::NodeId id = inference.outputs.front();
    while (const nn::Node* node = nn::findNode(graph, id)) {
        if (valueOf(*node, "units") != nullptr) {
            return node;
        }
        const nn::LayerDef* def = nn::findLayerDef(node->type);
        const std::vector<nn::NodeId> inputs = nn::inputsOf(graph, id);
        const bool keepsWidth = def != nullptr && (def->category == nn::Category::Activation ||
                                                   def->category == nn::Category::Regularization);
        if (!keepsWidth || inputs.size() != 1) {
            return nullptr;
        }
        id = inputs.front();
    }
    return nullptr;
}

} // namespace

std::vector<nn::Edit> editsToFit(const nn::Graph& graph, const nn::Inference& inference,
                                 const nn::data::Dataset& dataset) {
    std::vector<nn::Edit> edits;
    if (inference.inputs.size() == 1) {
        const nn::Node* input = nn::findNode(graph, inference.inputs.front());
        const nn::data::ImageShape shape = dataset.shape();
        const nn::ParamValue wanted = Extents{shape.height, shape.width, shape.channels};
        const nn::ParamValue* present = valueOf(*input, "shape");
        if (present != nullptr && *present != wanted) {
            edits.emplace_back(nn::SetParam{input->id, "shape", wanted});
        }
    }
    if (const nn::Node* last = classifier(graph, inference)) {
        const nn::ParamValue wanted = dataset.classCount();
        if (*valueOf(*last, "units") != wanted) {
            edits.emplace_back(nn::SetParam{last->id, "units", wanted});
        }
    }
    return edits;
}

} // namespace app
