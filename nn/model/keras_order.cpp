#include "nn/model/keras_order.h"

#include "nn/model/wiring.h"

#include <algorithm>

namespace nn {
namespace {

/// Depth-first walks over calls from the outputs towards the inputs.
class Visits {
public:
    explicit Visits(const Wiring& wiring, std::size_t nodes)
        : m_wiring(wiring), m_visited(nodes, false) {}

    /// An explicit stack: networks may be thousands of layers deep.
    void walkFrom(std::size_t output) {
        enter(output);
        while (!m_stack.empty()) {
            Frame& frame = m_stack.back();
            const std::vector<NodeId>& inputs = m_wiring.inputs(frame.node);
            if (frame.next == inputs.size()) {
                m_finished.push_back(frame.node);
                m_stack.pop_back();
                continue;
            }
            const NodeId source = inputs[frame.next++];
            if (const auto index = m_wiring.indexOf(source)) {
                enter(*index);
            }
        }
    }

    /// In the order in which the walks met them.
    [[nodiscard]] const std::vector<std::size_t>& met() const { return m_met; }
    /// Sources before readers.
    [[nodiscard]] const std::vector<std::size_t>& finished() const { return m_finished; }
    [[nodiscard]] bool isVisited(std::size_t node) const { return m_visited[node]; }

private:
    struct Frame {
        std::size_t node = 0;
        std::size_t next = 0;
    };

    void enter(std::size_t node) {
        if (!m_visited[node]) {
            m_visited[node] = true;
            m_met.push_back(node);
            m_stack.push_back({node, 0});
        }
    }

    const Wiring& m_wiring;
    std::vector<bool> m_visited;
    std::vector<std::size_t> m_met;
    std::vector<Frame> m_stack;
    std::vector<std::size_t> m_finished;
};

/// The node whose layer a call is of.
std::size_t layerOf(const Graph& graph, const Wiring& wiring, std::size_t call) {
    const NodeId layer = graph.nodes[call].sharedWith;
    return layer == kNoNode ? call : wiring.indexOf(layer).value_or(call);
}

/// Distances from the outputs, of calls and of layers, by node. A layer that is called several
/// times is as far as its farthest call known so far, which is how Keras counts them.
struct Depths {
    std::vector<std::size_t> calls;
    std::vector<std::size_t> layers;
};

Depths depthsOf(const Graph& graph, const Wiring& wiring,
                const std::vector<std::size_t>& finished) {
    Depths depths{std::vector<std::size_t>(graph.nodes.size()),
                  std::vector<std::size_t>(graph.nodes.size())};
    for (auto call = finished.rbegin(); call != finished.rend(); ++call) {
        std::size_t& layer = depths.layers[layerOf(graph, wiring, *call)];
        const std::size_t depth = std::max(depths.calls[*call], layer);
        layer = depth;
        depths.calls[*call] = depth;
        for (const NodeId source : wiring.inputs(*call)) {
            if (const auto index = wiring.indexOf(source)) {
                std::size_t& before = depths.calls[*index];
                before = std::max(before, depth + 1);
            }
        }
    }
    return depths;
}

/// One call per distance, one input per call, and no layer called twice.
bool isPlainChain(const Graph& graph, const Wiring& wiring, const std::vector<std::size_t>& calls,
                  const Depths& depths) {
    std::vector<bool> isTaken(graph.nodes.size() + 1); // on a loop a call is farther than all
    return std::ranges::all_of(calls, [&](std::size_t call) {
        const std::size_t depth = depths.calls[call];
        const bool isFirst = !isTaken[depth];
        isTaken[depth] = true;
        return isFirst && wiring.inputs(call).size() <= 1 &&
               graph.nodes[call].sharedWith == kNoNode;
    });
}

} // namespace

KerasOrder kerasOrder(const Graph& graph) {
    const Wiring wiring(graph);
    const std::size_t count = graph.nodes.size();
    Visits visits(wiring, count);
    std::vector<std::size_t> unread; // Input layers that no output depends on come first.
    std::vector<Source> ends;
    for (const Source& output : outputsOf(graph)) {
        const std::size_t index = *wiring.indexOf(output.node);
        const bool isUnread = wiring.inputs(index).empty() && wiring.readers(index).empty();
        if (isUnread && count > 1) {
            unread.push_back(index);
        } else {
            ends.push_back(output);
        }
    }
    std::ranges::sort(unread);
    for (const std::size_t index : unread) {
        visits.walkFrom(index);
    }
    for (const Source& output : ends) {
        visits.walkFrom(*wiring.indexOf(output.node));
    }
    // What no output depends on, which only a graph put together by hand has.
    for (std::size_t i = 0; i < count; ++i) {
        if (!visits.isVisited(i) && wiring.readers(i).empty()) {
            visits.walkFrom(i);
        }
    }
    const Depths depths = depthsOf(graph, wiring, visits.finished());
    KerasOrder order;
    order.isChain = isPlainChain(graph, wiring, visits.finished(), depths);
    std::vector<std::size_t> layers;
    std::vector<bool> isListed(count);
    for (const std::size_t call : visits.met()) {
        const std::size_t layer = layerOf(graph, wiring, call);
        if (!isListed[layer]) {
            isListed[layer] = true;
            layers.push_back(layer);
        }
    }
    std::ranges::stable_sort(layers, std::ranges::greater{},
                             [&depths](std::size_t layer) { return depths.layers[layer]; });
    order.layers.reserve(layers.size());
    for (const std::size_t layer : layers) {
        order.layers.push_back(graph.nodes[layer].id);
    }
    return order;
}

} // namespace nn
