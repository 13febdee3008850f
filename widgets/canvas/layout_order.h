#pragma once

#include "nn/model/graph.h"

#include <QtGlobal>
#include <vector>

namespace widgets::layout {

inline constexpr qreal kLaneExtent = 16.0; ///< What a passing wire takes across the flow.

/// A card or the place where a long wire crosses a layer. "Across" is across the flow of data.
struct Cell {
    nn::NodeId id = nn::kNoNode; ///< `kNoNode`: a passing wire.
    int rank = 0;
    qreal extent = kLaneExtent; ///< Across the flow.
    qreal depth = 0.0;          ///< Along the flow.
    qreal across = 0.0;         ///< Centre.
    std::vector<int> before;
    std::vector<int> after;

    [[nodiscard]] bool isLane() const { return id == nn::kNoNode; }
};

struct Drawing {
    std::vector<Cell> cells;
    std::vector<std::vector<int>> ranks; ///< Cells of each layer, in order.
};

/// Neighbours by index, in the order of the nodes given.
struct Links {
    std::vector<std::vector<int>> before;
    std::vector<std::vector<int>> after;
};

[[nodiscard]] Links linksOf(const nn::Graph& graph);
[[nodiscard]] std::vector<int> topologicalOrder(const Links& links);
/// Longest path from the sources; sources move next to their nearest reader.
[[nodiscard]] std::vector<int> ranksOf(const Links& links, const std::vector<int>& order);
/// The parts of the graph that no wire connects, each in topological order.
[[nodiscard]] std::vector<std::vector<int>> partsOf(const Links& links,
                                                    const std::vector<int>& order);
/// Cells for the nodes of one part, and lanes where wires pass layers in between.
[[nodiscard]] Drawing drawingOf(const std::vector<int>& part, const Links& links,
                                const std::vector<int>& ranks, const std::vector<Cell>& cards);
/// Sugiyama's barycentre sweeps; the order with the fewest crossings stays.
void orderCells(Drawing& drawing);

} // namespace widgets::layout
