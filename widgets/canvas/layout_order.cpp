#include "widgets/canvas/layout_order.h"

#include <algorithm>
#include <unordered_map>

namespace widgets::layout {
namespace {

constexpr int kOrderSweeps = 6;

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

/// Places of the cells within their layer.
std::vector<int> placesOf(const Drawing& drawing) {
    std::vector<int> slot(drawing.cells.size());
    for (const auto& rank : drawing.ranks) {
        for (std::size_t i = 0; i < rank.size(); ++i) {
            slot[static_cast<std::size_t>(rank[i])] = static_cast<int>(i);
        }
    }
    return slot;
}

std::int64_t crossings(const Drawing& drawing) {
    const std::vector<int> slot = placesOf(drawing);
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

} // namespace

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

void orderCells(Drawing& drawing) {
    auto best = drawing.ranks;
    std::int64_t fewest = crossings(drawing);
    for (int sweep = 0; sweep < kOrderSweeps && fewest > 0; ++sweep) {
        const bool down = sweep % 2 == 0;
        for (std::size_t i = 1; i < drawing.ranks.size(); ++i) {
            const std::size_t rank = down ? i : drawing.ranks.size() - 1 - i;
            sortRank(drawing, rank, down, placesOf(drawing));
        }
        const std::int64_t now = crossings(drawing);
        if (now < fewest) {
            fewest = now;
            best = drawing.ranks;
        }
    }
    drawing.ranks = best;
}

} // namespace widgets::layout
