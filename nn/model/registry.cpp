#include "nn/model/registry.h"

#include <algorithm>

namespace nn {

// The build writes one NN_LAYER line for every file in nn/layers.
#define NN_LAYER(name) LayerDef name();
namespace layers {
#include "nn/layers/registered_layers.inc"
}
#undef NN_LAYER

namespace {

std::vector<LayerDef> madeDefs() {
    std::vector<LayerDef> defs;
#define NN_LAYER(name) defs.push_back(layers::name());
#include "nn/layers/registered_layers.inc"
#undef NN_LAYER
    std::ranges::stable_sort(defs, {}, &LayerDef::category);
    return defs;
}

/// Models inside a model; their nodes say what is in them, so most of the definition is empty.
std::vector<LayerDef> madeModelDefs() {
    std::vector<LayerDef> defs;
    for (const char* type : {"Sequential", "Functional"}) {
        LayerDef def;
        def.type = type;
        def.category = Category::Core;
        def.summary = "A whole model used as a layer.";
        def.help =
            "A model inside the model, as a Keras file has it. It is shown as one layer with "
            "all the weights in it; two calls of it share them. Its layers are in the "
            "summary, where nested layers are shown.";
        def.arity = {1, kManyInputs};
        def.shape = [](const LayerContext&) -> tl::expected<Shape, LayerProblem> {
            return tl::unexpected(LayerProblem{
                "the model that belongs inside is missing. Open the file it comes from again", {}});
        };
        def.window = [](const LayerContext&) { return Window{.global = true}; };
        defs.push_back(std::move(def));
    }
    return defs;
}

} // namespace

const std::vector<LayerDef>& layerDefs() {
    static const std::vector<LayerDef> defs = madeDefs();
    return defs;
}

const LayerDef* findLayerDef(std::string_view type) {
    const auto found = std::ranges::find(layerDefs(), type, &LayerDef::type);
    if (found != layerDefs().end()) {
        return &*found;
    }
    static const std::vector<LayerDef> models = madeModelDefs();
    const auto model = std::ranges::find(models, type, &LayerDef::type);
    return model == models.end() ? nullptr : &*model;
}

bool isModelType(std::string_view type) {
    return type == "Sequential" || type == "Functional";
}

std::string_view categoryName(Category category) {
    switch (category) {
    case Category::Input:
        return "Input";
    case Category::Convolution:
        return "Convolution";
    case Category::Pooling:
        return "Pooling";
    case Category::Core:
        return "Core";
    case Category::Activation:
        return "Activation";
    case Category::Normalization:
        return "Normalization";
    case Category::Regularization:
        return "Regularization";
    case Category::Reshaping:
        return "Reshaping";
    case Category::Merging:
        return "Merging";
    case Category::Augmentation:
        return "Augmentation";
    }
    return {};
}

} // namespace nn
