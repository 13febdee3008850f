#pragma once

#include "nn/model/graph.h"

namespace widgets {

class CanvasScene;

/// Lets screen readers see the canvas as a list of layers; may be called again.
void installCanvasAccessibility();

/// The number of a node among the canvas' accessible children, or -1.
[[nodiscard]] int canvasChildIndex(const CanvasScene& scene, nn::NodeId node);

} // namespace widgets
