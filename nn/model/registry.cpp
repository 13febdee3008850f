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

} // namespace

const std::vector<LayerDef>& layerDefs() {
    static const std::vector<LayerDef> defs = madeDefs();
    return defs;
}

const LayerDef* findLayerDef(std::string_view type) {
    const auto found = std::ranges::find(layerDefs(), type, &LayerDef::type);
    return found == layerDefs().end() ? nullptr : &*found;
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
