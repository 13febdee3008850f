#pragma once

#include "nn/model/graph.h"
#include "nn/model/infer.h"

#include "widgets/help/layer_figure.h"

#include <optional>

namespace app {

/// A small network that shows a layer: its inputs and the layer, which is the last node.
struct LayerExample {
    nn::Graph graph;
    nn::Inference inference;

    [[nodiscard]] const nn::Node& layer() const { return graph.nodes.back(); }
    [[nodiscard]] const nn::NodeInference& known() const { return *inference.find(layer().id); }
};

/// Nothing for a layer that no example can be built of.
[[nodiscard]] std::optional<LayerExample> layerExample(const nn::LayerDef& def);

/// The layer's own numbers: the example is run.
[[nodiscard]] widgets::LayerFigure layerFigure(const nn::LayerDef& def);

} // namespace app
