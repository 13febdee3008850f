#pragma once

#include "widgets/canvas/canvas_scene.h"

#include <optional>

namespace widgets {

/// What happens when a layer is dropped.
enum class DropKind {
    Free,    ///< It stands alone.
    Insert,  ///< Into a wire.
    Append,  ///< Behind a card.
    Prepend, ///< Before a card without input.
};

struct DropPlan {
    DropKind kind = DropKind::Free;
    nn::Edge edge;                      ///< Insert: the wire that is split.
    nn::NodeId neighbour = nn::kNoNode; ///< Append, Prepend: the card it is wired to.
    QRectF rect;                        ///< Where the new card will be.
    Positions shifted;                  ///< Cards that make room.
    bool operator==(const DropPlan&) const = default;
};

/// Where a layer dropped at a point goes: into a wire, behind a last card, or where it is.
[[nodiscard]] DropPlan planDrop(const CanvasScene& scene, const QString& type, QPointF at);
/// Where a layer goes that is added without pointing: behind the selected or the last card.
[[nodiscard]] DropPlan planAdd(const CanvasScene& scene, const QString& type,
                               const NodeSet& selection, QPointF center);
[[nodiscard]] EditWish dropWish(const CanvasScene& scene, const QString& type,
                                const DropPlan& plan);
/// In one sentence, for the status bar while dragging.
[[nodiscard]] QString planText(const CanvasScene& scene, const QString& type, const DropPlan& plan);

/// Why no wire can go from one card to another; empty when it can.
[[nodiscard]] QString connectProblem(const nn::Graph& graph, nn::NodeId from, nn::NodeId to);
/// A new wire; `port` is `nn::kFreePort` when the card as a whole was hit. `taken` is the wire that
/// was picked up and is now plugged in elsewhere.
[[nodiscard]] EditWish connectWish(const nn::Graph& graph, const nn::Edge& wire,
                                   const std::optional<nn::Edge>& taken = std::nullopt);
[[nodiscard]] EditWish disconnectWish(const nn::Graph& graph, const nn::Edge& wire);

enum class Gap { Leave, Close };
[[nodiscard]] EditWish removeWish(const nn::Graph& graph, const NodeSet& nodes, Gap gap);
[[nodiscard]] EditWish moveWish(const nn::Graph& graph, const Positions& positions);
/// A lone card that was dropped on a wire.
[[nodiscard]] EditWish insertWish(const CanvasScene& scene, nn::NodeId node, const nn::Edge& edge);
[[nodiscard]] EditWish trainableWish(const nn::Graph& graph, const NodeSet& nodes, bool trainable);
[[nodiscard]] EditWish renameWish(const nn::Graph& graph, nn::NodeId node, const QString& name);
[[nodiscard]] EditWish repairWish(const nn::Repair& repair);
[[nodiscard]] EditWish arrangeWish(const CanvasScene& scene);

/// "conv2d" for one node, "3 layers" for several.
[[nodiscard]] QString layersText(const nn::Graph& graph, const NodeSet& nodes);
/// A rectangle of this size near a place, on the grid, where no card stands.
[[nodiscard]] QRectF freePlace(const CanvasScene& scene, QRectF rect);

} // namespace widgets
