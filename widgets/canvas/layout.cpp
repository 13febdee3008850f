#include "widgets/canvas/layout.h"

#include "widgets/canvas/card.h"
#include "widgets/canvas/layout_order.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace widgets {
namespace {

using layout::Cell;
using layout::Drawing;

constexpr qreal kLaneWeight = 0.001; // cards stay straight, passing wires give way
constexpr int kPlaceSweeps = 4;

/// Where a cell would like to be: at its neighbours' centre; cards follow cards, not passing wires.
qreal wish(const Drawing& drawing, const Cell& cell, bool byBefore) {
    const auto& side = byBefore ? cell.before : cell.after;
    qreal sum = 0.0;
    qreal weights = 0.0;
    for (const int index : side) {
        const Cell& neighbour = drawing.cells[static_cast<std::size_t>(index)];
        const qreal weight = neighbour.isLane() ? kLaneWeight : 1.0;
        sum += weight * neighbour.across;
        weights += weight;
    }
    return weights > 0.0 ? sum / weights : cell.across;
}

/// Least squares towards the wishes with the order and the gaps kept: pool adjacent violators.
void placeRank(Drawing& drawing, const std::vector<int>& rank, bool byBefore, qreal gap) {
    struct Block {
        qreal sum;
        qreal weight;
        std::size_t count;
        [[nodiscard]] qreal mean() const { return sum / weight; }
    };
    std::vector<Block> blocks;
    std::vector<qreal> offsets;
    qreal offset = 0.0;
    for (std::size_t i = 0; i < rank.size(); ++i) {
        const Cell& cell = drawing.cells[static_cast<std::size_t>(rank[i])];
        if (i > 0) {
            const Cell& left = drawing.cells[static_cast<std::size_t>(rank[i - 1])];
            offset += left.extent / 2 + gap + cell.extent / 2;
        }
        offsets.push_back(offset);
        const qreal weight = cell.isLane() ? kLaneWeight : 1.0;
        blocks.push_back({weight * (wish(drawing, cell, byBefore) - offset), weight, 1});
        while (blocks.size() > 1 && blocks[blocks.size() - 2].mean() > blocks.back().mean()) {
            const Block last = blocks.back();
            blocks.pop_back();
            blocks.back().sum += last.sum;
            blocks.back().weight += last.weight;
            blocks.back().count += last.count;
        }
    }
    std::size_t at = 0;
    for (const Block& block : blocks) {
        for (std::size_t i = 0; i < block.count; ++i, ++at) {
            drawing.cells[static_cast<std::size_t>(rank[at])].across = block.mean() + offsets[at];
        }
    }
}

void placeAcross(Drawing& drawing, qreal gap) {
    for (int sweep = 0; sweep < kPlaceSweeps; ++sweep) {
        for (const auto& rank : drawing.ranks) {
            placeRank(drawing, rank, true, gap);
        }
        for (auto rank = drawing.ranks.rbegin(); rank != drawing.ranks.rend(); ++rank) {
            placeRank(drawing, *rank, false, gap);
        }
    }
    for (const auto& rank : drawing.ranks) {
        placeRank(drawing, rank, true, gap);
    }
}

/// Layers at which a long drawing starts a further column: the thinnest place near the limit.
std::vector<std::size_t> foldsOf(const Drawing& drawing, int foldAfter) {
    std::vector<std::size_t> folds{0};
    if (foldAfter <= 0) {
        return folds;
    }
    const auto limit = static_cast<std::size_t>(foldAfter);
    const std::size_t slack = limit / 4;
    while (drawing.ranks.size() - folds.back() > limit + slack) {
        std::size_t best = folds.back() + limit;
        for (std::size_t i = best - slack; i < best; ++i) {
            if (drawing.ranks[i].size() < drawing.ranks[best].size()) {
                best = i;
            }
        }
        folds.push_back(best);
    }
    return folds;
}

/// Writes the places of a part whose first edge across is `start`; the far edge is returned.
qreal writeColumns(const Drawing& drawing, const LayoutOptions& options, qreal start,
                   Positions& positions) {
    std::vector<std::size_t> folds = foldsOf(drawing, options.foldAfter);
    folds.push_back(drawing.ranks.size());
    qreal far = start;
    for (std::size_t column = 0; column + 1 < folds.size(); ++column) {
        qreal low = std::numeric_limits<qreal>::max();
        qreal high = std::numeric_limits<qreal>::lowest();
        for (std::size_t rank = folds[column]; rank < folds[column + 1]; ++rank) {
            for (const int index : drawing.ranks[rank]) {
                const Cell& cell = drawing.cells[static_cast<std::size_t>(index)];
                low = std::min(low, cell.across - cell.extent / 2);
                high = std::max(high, cell.across + cell.extent / 2);
            }
        }
        const qreal shift = far - low;
        qreal along = 0.0;
        for (std::size_t rank = folds[column]; rank < folds[column + 1]; ++rank) {
            qreal depth = 0.0;
            for (const int index : drawing.ranks[rank]) {
                const Cell& cell = drawing.cells[static_cast<std::size_t>(index)];
                depth = std::max(depth, cell.depth);
                if (!cell.isLane()) {
                    const QPointF corner(onGrid(shift + cell.across - cell.extent / 2), along);
                    positions[cell.id] =
                        options.orientation == Qt::Vertical ? corner : corner.transposed();
                }
            }
            along = onGrid(along + depth + options.layerGap);
        }
        far = onGrid(far + high - low + 2 * options.nodeGap);
    }
    return far;
}

} // namespace

Positions autoLayout(const nn::Graph& graph, const QHash<nn::NodeId, QSizeF>& sizes,
                     const LayoutOptions& options) {
    std::vector<Cell> cards;
    for (const nn::Node& node : graph.nodes) {
        const QSizeF size = sizes.value(node.id, usualCardSize());
        Cell cell;
        cell.id = node.id;
        cell.extent = options.orientation == Qt::Vertical ? size.width() : size.height();
        cell.depth = options.orientation == Qt::Vertical ? size.height() : size.width();
        cards.push_back(cell);
    }
    const layout::Links links = layout::linksOf(graph);
    const std::vector<int> order = layout::topologicalOrder(links);
    const std::vector<int> ranks = layout::ranksOf(links, order);
    Positions positions;
    qreal start = 0.0;
    for (const std::vector<int>& part : layout::partsOf(links, order)) {
        Drawing drawing = layout::drawingOf(part, links, ranks, cards);
        layout::orderCells(drawing);
        placeAcross(drawing, options.nodeGap);
        start = writeColumns(drawing, options, start, positions);
    }
    return positions;
}

LayoutOptions usualLayout(const nn::Graph& graph) {
    constexpr std::size_t kLong = 32;
    LayoutOptions options;
    if (graph.nodes.size() > kLong) {
        // Columns such that the whole is about as wide as a window: see it all at once.
        constexpr double kShape = 0.75;
        const auto nodes = static_cast<double>(graph.nodes.size());
        options.foldAfter = static_cast<int>(std::ceil(nodes / std::sqrt(nodes * kShape)));
    }
    return options;
}

Positions autoLayout(const NetworkValues& network) {
    QHash<nn::NodeId, QSizeF> sizes;
    for (const nn::Node& node : network.graph->nodes) {
        sizes[node.id] = cardSize(node, *network.inference);
    }
    return autoLayout(*network.graph, sizes, usualLayout(*network.graph));
}

} // namespace widgets
