#pragma once

#include "widgets/canvas/canvas_scene.h"

#include <QByteArray>

class QMimeData;

namespace widgets {

inline constexpr const char* kLayersMimeType = "application/x-receptive-layers+json";

/// Layers with the wires among them and their places, as JSON.
[[nodiscard]] QByteArray layersToJson(const CanvasScene& scene, const NodeSet& nodes);
/// The JSON of a clipboard or a drop; empty when it holds no layers.
[[nodiscard]] QByteArray layersOf(const QMimeData* data);

/// Copies of the layers in the JSON with their upper left corner at `corner`; an empty wish when it
/// holds none. Arguments that do not fit are left at their defaults.
[[nodiscard]] EditWish pasteWish(const nn::Graph& graph, const QByteArray& json, QPointF corner);
/// Copies of cards, beside them.
[[nodiscard]] EditWish duplicateWish(const CanvasScene& scene, const NodeSet& nodes);

} // namespace widgets
