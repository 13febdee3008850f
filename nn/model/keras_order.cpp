#include "nn/model/keras_order.h"

#include "nn/model/wiring.h"

#include <algorithm>
#include <numeric>

namespace nn {
namespace {

/// Depth-first walks from the outputs towards the inputs.
class Visits {
public:
    explicit Visits(const Wiring& wiring, std::size_t nodes)
        : m_wiring(wiring), m_firstVisit(nodes, kNever) {}

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
            if (source != kNoNode) {
                enter(*m_wiring.indexOf(source));
            }
        }
    }

    /// Sources before readers.
    [[nodiscard]] const std::vector<std::size_t>& finished() const { return m_finished; }
    [[nodiscard]] std::size_t firstVisit(std::size_t node) const { return m_firstVisit[node]; }

private:
    static constexpr std::size_t kNever = static_cast<std::size_t>(-1);
    struct Frame {
        std::size_t node = 0;
        std::size_t next = 0;
    };

    void enter(std::size_t node) {
        if (m_firstVisit[node] == kNever) {
            m_firstVisit[node] = m_count++;
            m_stack.push_back({node, 0});
        }
    }

    const Wiring& m_wiring;
    std::vector<std::size_t> m_firstVisit;
    std::size_t m_count = 0;
    std::vector<Frame> m_stack;
    std::vector<std::size_t> m_finished;
};

bool isUnreadInput(const Wiring& wiring, std::size_t node) {
    return wiring.inputs(node).empty() && wiring.readers(node).empty();
}

} // namespace

KerasOrder kerasOrder(const Graph& graph) {
    const Wiring wiring(graph);
    const std::size_t count = graph.nodes.size();
    Visits visits(wiring, count);
    for (const bool isolated : {true, false}) {
        for (std::size_t i = 0; i < count; ++i) {
            if (wiring.readers(i).empty() && isUnreadInput(wiring, i) == isolated) {
                visits.walkFrom(i);
            }
        }
    }
    std::vector<std::size_t> depths(count, 0);
    const std::vector<std::size_t>& finished = visits.finished();
    for (auto node = finished.rbegin(); node != finished.rend(); ++node) {
        for (const NodeId source : wiring.inputs(*node)) {
            if (source != kNoNode) {
                std::size_t& depth = depths[*wiring.indexOf(source)];
                depth = std::max(depth, depths[*node] + 1);
            }
        }
    }
    std::vector<std::size_t> sorted = finished;
    std::ranges::sort(sorted, [&](std::size_t a, std::size_t b) {
        return depths[a] != depths[b] ? depths[a] > depths[b]
                                      : visits.firstVisit(a) < visits.firstVisit(b);
    });
    KerasOrder order;
    order.isChain = true;
    for (std::size_t i = 0; i < sorted.size(); ++i) {
        const bool sharesDepth = i > 0 && depths[sorted[i]] == depths[sorted[i - 1]];
        order.isChain = order.isChain && !sharesDepth && wiring.inputs(sorted[i]).size() <= 1;
        order.layers.push_back(graph.nodes[sorted[i]].id);
    }
    return order;
}

} // namespace nn
