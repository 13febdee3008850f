#pragma once

#include "nn/model/layer_def.h"

namespace nn {

/// Every kind of layer, by category and then by file name. Built once, in a fixed order.
[[nodiscard]] const std::vector<LayerDef>& layerDefs();

/// The definition of a class name, or nullptr. Also knows "Sequential" and "Functional", which are
/// no layers to choose but models inside a model.
[[nodiscard]] const LayerDef* findLayerDef(std::string_view type);

/// Whether nodes of this class hold a graph.
[[nodiscard]] bool isModelType(std::string_view type);

} // namespace nn
