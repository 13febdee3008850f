#include "nn/model/keras_order.h"
#include "nn/model/nested.h"

#include <algorithm>
#include <unordered_set>

namespace nn {
namespace {

/// Where a graph stands that is put in place of a node.
struct Place {
    std::string prefix = {};      ///< Before the names of its nodes: "tower[1]/".
    std::string layerPrefix = {}; ///< The same with the layer's name for each call: "tower/".
    std::string path = {};        ///< Ids of the nodes around it: "3/5/".
    bool trainable = true;
    bool isInside = false;
    std::vector<NodeId> inputs = {}; ///< What its Input layers stand for.
};

using Results = std::unordered_map<NodeId, std::vector<NodeId>>;

/// FNV-1a: the same path has the same number in every run.
std::uint64_t hashOf(std::string_view text) {
    std::uint64_t hash = 14695981039346656037ULL;
    for (const char c : text) {
        hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
    }
    return hash;
}

class Inliner {
public:
    InlinedGraph result(const Graph& graph, const Inference& inference) {
        m_flat.graph.name = graph.name;
        m_flat.graph.kind = graph.kind;
        m_flat.graph.nextId = graph.nextId;
        m_flat.results = expanded(graph, inference, {});
        for (const Source& output : outputsOf(graph)) {
            m_flat.graph.outputs.push_back({resultOf(m_flat.results, output), 0});
        }
        shareCalls();
        addLayers(graph, inference, "");
        return std::move(m_flat);
    }

private:
    static NodeId resultOf(const Results& results, const Source& source) {
        return results.at(source.node).at(static_cast<std::size_t>(source.output));
    }

    /// Adds the nodes of a graph; says which nodes give the results of each of its nodes.
    Results expanded(const Graph& graph, const Inference& inference, const Place& place) {
        Results results;
        std::size_t input = 0;
        if (place.isInside) {
            for (const Node& node : graph.nodes) {
                if (node.type == kInputType) {
                    results[node.id] = {place.inputs.at(input++)};
                }
            }
        }
        const std::size_t begin = m_flat.graph.nodes.size();
        for (const NodeId id : inference.order) {
            if (!results.contains(id)) {
                addNode(graph, *findNode(graph, id), *inference.find(id), place, results);
            }
        }
        if (!place.isInside) {
            sortFrom(begin, graph);
        }
        return results;
    }

    void addNode(const Graph& graph, const Node& node, const NodeInference& facts,
                 const Place& place, Results& results) {
        std::vector<NodeId> sources;
        for (std::size_t port = 0; port < facts.inputs.size(); ++port) {
            sources.push_back(resultOf(results, {facts.inputs[port], facts.inputOutputs[port]}));
        }
        const std::string layer = place.layerPrefix + findNode(graph, layerOf(node))->name;
        const std::string path = place.path + std::to_string(node.id) + "/";
        if (facts.inner != nullptr) {
            const InnerInference& inner = *facts.inner;
            const Results within = expanded(inner.graph, inner.inference,
                                            {.prefix = place.prefix + node.name + "/",
                                             .layerPrefix = layer + "/",
                                             .path = path,
                                             .trainable = place.trainable && node.trainable,
                                             .isInside = true,
                                             .inputs = std::move(sources)});
            for (const Source& output : outputsOf(inner.graph)) {
                results[node.id].push_back(resultOf(within, output));
            }
            return;
        }
        Node flat = node;
        flat.id = place.isInside ? freeId(path) : node.id;
        flat.name = place.prefix + node.name;
        flat.trainable = place.trainable && node.trainable;
        flat.sharedWith = kNoNode;
        m_ids.insert(flat.id);
        m_byName.emplace(flat.name, flat.id);
        m_layerNames.emplace(flat.id, layer);
        for (std::size_t port = 0; port < sources.size(); ++port) {
            m_flat.graph.edges.push_back({sources[port], flat.id, static_cast<int>(port)});
        }
        results[node.id] = {flat.id};
        m_flat.graph.nodes.push_back(std::move(flat));
    }

    NodeId freeId(const std::string& path) const {
        auto id = -static_cast<NodeId>(hashOf(path) >> 11U) - 1;
        while (m_ids.contains(id)) {
            --id;
        }
        return id;
    }

    /// Inputs and outputs keep the order in which the user made them.
    void sortFrom(std::size_t begin, const Graph& graph) {
        std::unordered_map<NodeId, std::size_t> made;
        for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
            made.emplace(graph.nodes[i].id, i);
        }
        const auto rank = [&](const Node& node) {
            const auto found = made.find(node.id);
            return found == made.end() ? graph.nodes.size() : found->second;
        };
        std::ranges::stable_sort(m_flat.graph.nodes.begin() + static_cast<std::ptrdiff_t>(begin),
                                 m_flat.graph.nodes.end(), {}, rank);
    }

    /// A node of a further call shares the weights of the node of the same layer.
    void shareCalls() {
        for (Node& node : m_flat.graph.nodes) {
            const auto layer = m_byName.find(m_layerNames.at(node.id));
            if (layer != m_byName.end() && layer->second != node.id) {
                node.sharedWith = layer->second;
            }
        }
    }

    void addLayers(const Graph& graph, const Inference& inference, const std::string& prefix) {
        for (const NodeId id : kerasOrder(graph).layers) {
            const Node& node = *findNode(graph, id);
            const NodeInference& facts = *inference.find(id);
            if (facts.inner != nullptr) {
                addLayers(facts.inner->graph, facts.inner->inference, prefix + node.name + "/");
            } else if (const auto found = m_byName.find(prefix + node.name);
                       found != m_byName.end()) {
                m_flat.layers.push_back(found->second);
            }
        }
    }

    InlinedGraph m_flat;
    std::unordered_set<NodeId> m_ids;
    std::unordered_map<std::string, NodeId> m_byName;
    std::unordered_map<NodeId, std::string> m_layerNames;
};

} // namespace

InlinedGraph inlined(const Graph& graph, const Inference& inference) {
    return Inliner().result(graph, inference);
}

} // namespace nn
