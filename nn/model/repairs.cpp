#include "nn/model/repairs.h"

#include "nn/base/text.h"
#include "nn/model/registry.h"

#include <algorithm>
#include <numeric>

namespace nn {
namespace {

constexpr std::size_t kMostRepairs = 4;

const ParamValue* valueOf(const Node& node, const LayerDef& def, std::string_view param) {
    const ParamSpec* spec = findSpec(def.params, param);
    return spec == nullptr ? nullptr : &paramValue(node.params, *spec);
}

template <typename T>
std::optional<T> valueAs(const Node& node, const LayerDef& def, std::string_view param) {
    const ParamValue* value = valueOf(node, def, param);
    const T* typed = value == nullptr ? nullptr : std::get_if<T>(value);
    return typed == nullptr ? std::nullopt : std::optional<T>(*typed);
}

/// Looks for edits that give one node a shape, trying each on a copy.
class Finder {
public:
    Finder(const Graph& graph, const Wiring& wiring, const Inference& inference, NodeId id)
        : m_graph(graph), m_wiring(wiring), m_inference(inference), m_node(*findNode(graph, id)),
          m_facts(*inference.find(id)) {}

    std::vector<Repair> result() {
        if (m_facts.def->category == Category::Merging) {
            matchBranches();
        } else {
            changeArguments();
            skipFlatten();
        }
        return std::move(m_repairs);
    }

private:
    /// Keeps the edits if they work. `id` gets the shape then: the failing node or its successor.
    void offer(const std::string& title, std::vector<Edit> edits, NodeId id) {
        if (m_repairs.size() == kMostRepairs) {
            return;
        }
        const Expected<Graph> changed = applyAll(m_graph, edits);
        if (!changed) {
            return;
        }
        const Wiring wiring(*changed);
        const InferredShapes shapes = inferShapes(*changed, wiring, &m_inference, &m_graph);
        const NodeInference* after = shapes.inference.find(id);
        if (after != nullptr && after->output) {
            m_repairs.push_back(
                {title + " (→ " + shapeText(*after->output) + ")", std::move(edits)});
        }
    }
    void offer(const std::string& title, std::vector<Edit> edits) {
        offer(title, std::move(edits), m_node.id);
    }
    void offerParam(std::string_view param, const ParamValue& value) {
        offer("Set " + std::string(param) + " to " + pythonText(value),
              {SetParam{m_node.id, std::string(param), value}});
    }

    void changeArguments() {
        const LayerDef& def = *m_facts.def;
        const Shape& input = m_facts.inputShapes.front();
        if (valueAs<std::string>(m_node, def, "padding") == "valid") {
            offerParam("padding", std::string("same"));
        }
        for (const std::string_view param : {"kernel_size", "pool_size"}) {
            const auto size = valueAs<Size2>(m_node, def, param);
            if (size && input.rank() == 3 && input[0] > 0 && input[1] > 0) {
                offerParam(param, Size2{std::min(size->height, input[0]),
                                        std::min(size->width, input[1])});
            }
        }
        for (const std::string_view param : {"dilation_rate", "strides"}) {
            if (valueAs<Size2>(m_node, def, param).value_or(Size2{}) != Size2{}) {
                offerParam(param, Size2{});
            }
        }
        const auto filters = valueAs<std::int64_t>(m_node, def, "filters");
        const auto groups = valueAs<std::int64_t>(m_node, def, "groups");
        if (filters && groups && input.rank() == 3) {
            offerParam("groups", std::gcd(std::gcd(*filters, *groups), input[2]));
            offerParam("groups", std::int64_t{1});
        }
        if (valueOf(m_node, def, "axis") != nullptr) {
            offerParam("axis", std::int64_t{-1});
        }
        takeOutPooling();
    }

    /// The pooling before a window that does not fit any more may be one too many.
    void takeOutPooling() {
        NodeId id = m_facts.inputs.front();
        while (id != kNoNode) {
            const NodeInference* before = m_inference.find(id);
            if (before->def == nullptr || before->inputs.size() != 1) {
                return;
            }
            if (before->def->category == Category::Pooling &&
                findSpec(before->def->params, "pool_size")) {
                offer("Remove '" + findNode(m_graph, id)->name + "' before it", {BypassNode{id}});
                return;
            }
            id = before->inputs.front();
        }
    }

    /// A layer for images behind Flatten: its image is what Flatten read.
    void skipFlatten() {
        const NodeId source = m_facts.inputs.front();
        const NodeInference* before = m_inference.find(source);
        if (before->inputs.size() != 1) {
            return;
        }
        offer("Connect it to '" + findNode(m_graph, before->inputs.front())->name + "', before '" +
                  findNode(m_graph, source)->name + "'",
              {Connect{before->inputs.front(), m_node.id, 0}});
    }

    void matchBranches() {
        for (std::size_t port = 0; port < m_facts.inputs.size(); ++port) {
            padBranch(port);
        }
        for (std::size_t port = 1; port < m_facts.inputs.size(); ++port) {
            matchChannels(0, port);
            matchChannels(port, 0);
        }
        for (std::size_t port = 1; port < m_facts.inputs.size(); ++port) {
            project(0, port);
            project(port, 0);
        }
        concatenateInstead();
    }

    /// padding='same' for all layers of one branch that shrink the image.
    void padBranch(std::size_t port) {
        std::vector<Edit> edits;
        std::vector<std::string> names;
        for (const NodeId id : branch(port)) {
            const Node& node = *findNode(m_graph, id);
            const LayerDef& def = *m_inference.find(id)->def;
            if (valueAs<std::string>(node, def, "padding") == "valid") {
                edits.emplace_back(SetParam{id, "padding", std::string("same")});
                names.push_back("'" + node.name + "'");
            }
        }
        if (!edits.empty()) {
            offer("Set padding of " + join(names, ", ") + " to 'same'", std::move(edits));
        }
    }

    /// The nodes before a port, nearest first, up to where the branches part.
    [[nodiscard]] std::vector<NodeId> branch(std::size_t port) const {
        std::vector<NodeId> nodes;
        NodeId id = m_facts.inputs[port];
        for (;;) {
            const std::size_t index = *m_wiring.indexOf(id);
            const NodeInference& facts = *m_inference.find(id);
            if (m_wiring.readers(index).size() != 1 || facts.inputs.size() != 1 ||
                facts.def == nullptr) {
                return nodes;
            }
            nodes.push_back(id);
            id = facts.inputs.front();
        }
    }

    /// As many filters (or units) in one branch as the other has channels.
    void matchChannels(std::size_t from, std::size_t to) {
        const Shape& wanted = m_facts.inputShapes[from];
        const Shape& present = m_facts.inputShapes[to];
        if (wanted.rank() == 0 || present.rank() != wanted.rank() || wanted.back() < 1 ||
            wanted.back() == present.back()) {
            return;
        }
        for (const NodeId id : branch(to)) {
            const LayerDef& def = *m_inference.find(id)->def;
            for (const std::string_view param : {"filters", "units"}) {
                if (findSpec(def.params, param) != nullptr) {
                    offer("Set " + std::string(param) + " of '" + findNode(m_graph, id)->name +
                              "' to " + std::to_string(wanted.back()),
                          {SetParam{id, std::string(param), wanted.back()}});
                    return;
                }
            }
        }
    }

    /// A 1×1 convolution (or a Dense layer) that brings one branch to the other's shape.
    void project(std::size_t from, std::size_t to) {
        const Shape& wanted = m_facts.inputShapes[from];
        const Shape& present = m_facts.inputShapes[to];
        if (!wanted.isKnown() || !present.isKnown() || wanted.rank() != present.rank()) {
            return;
        }
        const Edge wire{m_facts.inputs[to], m_node.id, static_cast<int>(to)};
        const std::string where = " behind '" + findNode(m_graph, wire.from)->name + "'";
        const NodeId added = m_graph.nextId;
        if (wanted.rank() == 1) {
            offer("Insert Dense with " + std::to_string(wanted[0]) + " units" + where,
                  {AddNode{"Dense", {}, {{"units", wanted[0]}}, true}, InsertOnEdge{added, wire}});
        }
        if (wanted.rank() != 3 || wanted[0] < 1 || wanted[1] < 1) {
            return;
        }
        const Size2 strides{std::max<std::int64_t>(present[0] / wanted[0], 1),
                            std::max<std::int64_t>(present[1] / wanted[1], 1)};
        ParamMap params{{"filters", wanted[2]}, {"kernel_size", Size2{}}, {"strides", strides}};
        offer("Insert a 1×1 Conv2D with " + std::to_string(wanted[2]) + " filters" +
                  (strides == Size2{} ? "" : " and strides " + plainText(strides)) + where,
              {AddNode{"Conv2D", {}, std::move(params), true}, InsertOnEdge{added, wire}});
    }

    void concatenateInstead() {
        if (m_node.type == "Concatenate") {
            return;
        }
        const NodeId added = m_graph.nextId;
        std::vector<Edit> edits{AddNode{"Concatenate", {}, {}, true}};
        for (const NodeId source : m_facts.inputs) {
            edits.emplace_back(Connect{source, added, kFreePort});
        }
        for (const Edge& edge : m_graph.edges) {
            if (edge.from == m_node.id) {
                edits.emplace_back(Connect{added, edge.to, edge.port});
            }
        }
        edits.emplace_back(RemoveNode{m_node.id});
        offer("Use Concatenate in its place", std::move(edits), added);
    }

    const Graph& m_graph;
    const Wiring& m_wiring;
    const Inference& m_inference;
    const Node& m_node;
    const NodeInference& m_facts;
    std::vector<Repair> m_repairs;
};

} // namespace

std::vector<Repair> shapeRepairs(const Graph& graph, const Wiring& wiring,
                                 const Inference& inference, NodeId node) {
    if (inference.find(node)->inputShapes.empty()) {
        return {};
    }
    return Finder(graph, wiring, inference, node).result();
}

std::vector<Repair> inputRepairs(const Graph& graph, const Wiring& wiring,
                                 const Inference& inference, NodeId node) {
    const std::size_t self = *wiring.indexOf(node);
    std::vector<Repair> repairs;
    std::optional<std::size_t> open;
    for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
        const bool isFree =
            i != self && wiring.readers(i).empty() && !reaches(graph, node, graph.nodes[i].id);
        // The last one made before the node, or else the first one made after it.
        if (isFree && (!open || i < self)) {
            open = i;
        }
    }
    const std::vector<NodeId>& inputs = wiring.inputs(self);
    const auto gap = std::ranges::find(inputs, kNoNode);
    const auto port = static_cast<int>(gap - inputs.begin());
    if (open) {
        const Node& source = graph.nodes[*open];
        repairs.push_back(
            {"Connect it to '" + source.name + "'", {Connect{source.id, node, port}}});
    }
    if (inference.inputs.empty()) {
        repairs.push_back(
            {"Put an Input layer before it",
             {AddNode{std::string(kInputType), {}, {}, true}, Connect{graph.nextId, node, port}}});
    }
    repairs.push_back({"Remove '" + graph.nodes[self].name + "'", {RemoveNode{node}}});
    return repairs;
}

} // namespace nn
