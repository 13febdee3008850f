#include "widgets/canvas/layout.h"

#include "widgets/canvas/card.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <unordered_map>

namespace widgets {
namespace {

constexpr qreal kLaneExtent = 16.0;  // what a passing wire takes across the flow
constexpr qreal kLaneWeight = 0.001; // cards stay straight, passing wires give way
constexpr int kOrderSweeps = 6;
constexpr int kPlaceSweeps = 4;

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

Links linksOf(const nn::Graph& graph) {
    std::unordered_map<nn::NodeId, int> index;
    for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
        index[graph.nodes[i].id] = static_cast<int>(i);
    }
    Links links{std::vector<std::vector<int>>(graph.nodes.size()),
                std::vector<std::vector<int>>(graph.nodes.size())};
    for (const nn::Edge& edge : graph.edges) {
        const auto from = index.find(edge.from);
        const auto to = index.find(edge.to);
        if (from == index.end() || to == index.end()) {
            continue;
        }
        links.after[static_cast<std::size_t>(from->second)].push_back(to->second);
        links.before[static_cast<std::size_t>(to->second)].push_back(from->second);
    }
    return links;
}

std::vector<int> topologicalOrder(const Links& links) {
    std::vector<std::size_t> open;
    std::vector<int> order;
    for (std::size_t i = 0; i < links.before.size(); ++i) {
        open.push_back(links.before[i].size());
        if (open.back() == 0) {
            order.push_back(static_cast<int>(i));
        }
    }
    for (std::size_t done = 0; done < order.size(); ++done) {
        for (const int next : links.after[static_cast<std::size_t>(order[done])]) {
            if (--open[static_cast<std::size_t>(next)] == 0) {
                order.push_back(next);
            }
        }
    }
    return order;
}

/// Longest path from the sources; sources move next to their nearest reader.
std::vector<int> ranksOf(const Links& links, const std::vector<int>& order) {
    std::vector<int> ranks(links.before.size(), 0);
    for (const int node : order) {
        const auto at = static_cast<std::size_t>(node);
        for (const int next : links.after[at]) {
            auto& rank = ranks[static_cast<std::size_t>(next)];
            rank = std::max(rank, ranks[at] + 1);
        }
    }
    for (std::size_t i = 0; i < ranks.size(); ++i) {
        if (links.before[i].empty() && !links.after[i].empty()) {
            int nearest = ranks[static_cast<std::size_t>(links.after[i].front())];
            for (const int next : links.after[i]) {
                nearest = std::min(nearest, ranks[static_cast<std::size_t>(next)]);
            }
            ranks[i] = nearest - 1;
        }
    }
    return ranks;
}

/// The parts of the graph that no wire connects, each in topological order.
std::vector<std::vector<int>> partsOf(const Links& links, const std::vector<int>& order) {
    std::vector<int> part(links.before.size(), -1);
    std::vector<std::vector<int>> parts;
    for (const int start : order) {
        if (part[static_cast<std::size_t>(start)] >= 0) {
            continue;
        }
        const int number = static_cast<int>(parts.size());
        parts.emplace_back();
        std::vector<int> open{start};
        part[static_cast<std::size_t>(start)] = number;
        while (!open.empty()) {
            const auto at = static_cast<std::size_t>(open.back());
            open.pop_back();
            for (const auto* side : {&links.before[at], &links.after[at]}) {
                for (const int next : *side) {
                    if (part[static_cast<std::size_t>(next)] < 0) {
                        part[static_cast<std::size_t>(next)] = number;
                        open.push_back(next);
                    }
                }
            }
        }
    }
    for (const int node : order) {
        parts[static_cast<std::size_t>(part[static_cast<std::size_t>(node)])].push_back(node);
    }
    return parts;
}

void link(Drawing& drawing, int from, int to) {
    drawing.cells[static_cast<std::size_t>(from)].after.push_back(to);
    drawing.cells[static_cast<std::size_t>(to)].before.push_back(from);
}

int addCell(Drawing& drawing, Cell cell) {
    const int index = static_cast<int>(drawing.cells.size());
    const auto rank = static_cast<std::size_t>(cell.rank);
    if (drawing.ranks.size() <= rank) {
        drawing.ranks.resize(rank + 1);
    }
    drawing.ranks[rank].push_back(index);
    drawing.cells.push_back(std::move(cell));
    return index;
}

/// Cells for the nodes of one part, and lanes where wires pass layers in between.
Drawing drawingOf(const std::vector<int>& part, const Links& links, const std::vector<int>& ranks,
                  const std::vector<Cell>& cards) {
    Drawing drawing;
    int first = ranks[static_cast<std::size_t>(part.front())];
    for (const int node : part) {
        first = std::min(first, ranks[static_cast<std::size_t>(node)]);
    }
    std::unordered_map<int, int> cellOf;
    for (const int node : part) {
        Cell cell = cards[static_cast<std::size_t>(node)];
        cell.rank = ranks[static_cast<std::size_t>(node)] - first;
        cellOf[node] = addCell(drawing, std::move(cell));
    }
    for (const int node : part) {
        for (const int next : links.after[static_cast<std::size_t>(node)]) {
            int from = cellOf[node];
            const int to = cellOf[next];
            const int last = drawing.cells[static_cast<std::size_t>(to)].rank;
            for (int rank = drawing.cells[static_cast<std::size_t>(from)].rank + 1; rank < last;
                 ++rank) {
                Cell lane;
                lane.rank = rank;
                const int passing = addCell(drawing, std::move(lane));
                link(drawing, from, passing);
                from = passing;
            }
            link(drawing, from, to);
        }
    }
    return drawing;
}

/// Places of the cells within their layer.
std::vector<int> slots(const Drawing& drawing) {
    std::vector<int> slot(drawing.cells.size());
    for (const auto& rank : drawing.ranks) {
        for (std::size_t i = 0; i < rank.size(); ++i) {
            slot[static_cast<std::size_t>(rank[i])] = static_cast<int>(i);
        }
    }
    return slot;
}

std::int64_t crossings(const Drawing& drawing) {
    const std::vector<int> slot = slots(drawing);
    std::int64_t count = 0;
    for (const auto& rank : drawing.ranks) {
        std::vector<int> ends;
        for (const int cell : rank) {
            std::vector<int> next;
            for (const int to : drawing.cells[static_cast<std::size_t>(cell)].after) {
                next.push_back(slot[static_cast<std::size_t>(to)]);
            }
            std::ranges::sort(next);
            // `seen` stays sorted: wires that end further on than this one cross it.
            for (const int end : next) {
                count += ends.end() - std::ranges::upper_bound(ends, end);
            }
            for (const int end : next) {
                ends.insert(std::ranges::upper_bound(ends, end), end);
            }
        }
    }
    return count;
}

void sortRank(Drawing& drawing, std::size_t rank, bool byBefore, const std::vector<int>& slot) {
    std::vector<std::pair<double, int>> keyed;
    for (const int index : drawing.ranks[rank]) {
        const Cell& cell = drawing.cells[static_cast<std::size_t>(index)];
        const auto& side = byBefore ? cell.before : cell.after;
        double centre = slot[static_cast<std::size_t>(index)];
        if (!side.empty()) {
            centre = 0.0;
            for (const int neighbour : side) {
                centre += slot[static_cast<std::size_t>(neighbour)];
            }
            centre /= static_cast<double>(side.size());
        }
        keyed.emplace_back(centre, index);
    }
    std::ranges::stable_sort(keyed, {}, &std::pair<double, int>::first);
    std::ranges::transform(keyed, drawing.ranks[rank].begin(), &std::pair<double, int>::second);
}

/// Sugiyama's barycentre sweeps; the order with the fewest crossings stays.
void orderCells(Drawing& drawing) {
    auto best = drawing.ranks;
    std::int64_t fewest = crossings(drawing);
    for (int sweep = 0; sweep < kOrderSweeps && fewest > 0; ++sweep) {
        const bool down = sweep % 2 == 0;
        for (std::size_t i = 1; i < drawing.ranks.size(); ++i) {
            const std::size_t rank = down ? i : drawing.ranks.size() - 1 - i;
            sortRank(drawing, rank, down, slots(drawing));
        }
        const std::int64_t now = crossings(drawing);
        if (now < fewest) {
            fewest = now;
            best = drawing.ranks;
        }
    }
    drawing.ranks = best;
}

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

qreal snapped(qreal value) {
    return std::round(value / kGrid) * kGrid;
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
                    const QPointF corner(snapped(shift + cell.across - cell.extent / 2), along);
                    positions[cell.id] =
                        options.orientation == Qt::Vertical ? corner : corner.transposed();
                }
            }
            along = snapped(along + depth + options.layerGap);
        }
        far = snapped(far + high - low + 2 * options.nodeGap);
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
    const Links links = linksOf(graph);
    const std::vector<int> order = topologicalOrder(links);
    const std::vector<int> ranks = ranksOf(links, order);
    Positions positions;
    qreal start = 0.0;
    for (const std::vector<int>& part : partsOf(links, order)) {
        Drawing drawing = drawingOf(part, links, ranks, cards);
        orderCells(drawing);
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
