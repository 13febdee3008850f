#pragma once

#include "nn/model/diagnostic.h"
#include "nn/model/layer_def.h"

#include <memory>
#include <unordered_map>

namespace nn {

struct InnerInference;

/// What is known about one node without running anything. Shapes are without batch.
struct NodeInference {
    const LayerDef* def = nullptr;     ///< nullptr for an unknown class.
    std::vector<NodeId> inputs;        ///< By port; `kNoNode` where no wire is.
    std::vector<int> inputOutputs;     ///< By port: which result of that node.
    std::vector<Shape> inputShapes;    ///< Known ones only when all inputs are known.
    std::optional<Shape> output;       ///< Nothing: unknown, because of this node or one before it.
    std::vector<Shape> furtherOutputs; ///< Of a model inside the model: those after the first.
    /// Empty while the output is unknown. A further call of a layer has those of the layer, and
    /// they are counted there only.
    std::vector<WeightSpec> weights;
    std::int64_t trainableParams = 0;
    std::int64_t nonTrainableParams = 0;
    LayerCost cost;
    bool failed = false; ///< This node itself has an error.
    /// Of a model inside the model: what is in it, with the shapes it is called with.
    std::shared_ptr<const InnerInference> inner;

    /// The shape of a result, or nullptr.
    [[nodiscard]] const Shape* outputShape(int number) const {
        if (!output || number < 0 || static_cast<std::size_t>(number) > furtherOutputs.size()) {
            return nullptr;
        }
        return number == 0 ? &*output : &furtherOutputs[static_cast<std::size_t>(number) - 1];
    }
};

/// The whole network seen at once.
struct Inference {
    std::unordered_map<NodeId, std::shared_ptr<const NodeInference>> nodes;
    /// A topological order: inputs first, ties by making order.
    std::vector<NodeId> order;
    std::vector<NodeId> inputs; ///< Input layers.
    /// Nodes that give the network's outputs, in order; one with two of them is there twice.
    std::vector<NodeId> outputs;
    std::vector<Diagnostic> diagnostics;

    [[nodiscard]] const NodeInference* find(NodeId id) const {
        const auto found = nodes.find(id);
        return found == nodes.end() ? nullptr : found->second.get();
    }
    /// No error anywhere: the network can be built and run.
    [[nodiscard]] bool isRunnable() const;
};

/// A model inside a model.
struct InnerInference {
    Graph graph;
    Inference inference;
};

/// Gives every node a shape or a diagnostic; never fails, goes on behind a broken node. With the
/// previous inference at hand, nodes whose arguments and input shapes did not change are taken
/// over: fast enough for every keystroke on 1,000 nodes.
[[nodiscard]] Inference infer(const Graph& graph, const Inference* previous = nullptr,
                              const Graph* previousGraph = nullptr);

} // namespace nn
