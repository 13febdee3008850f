#pragma once

#include "nn/base/error.h"
#include "nn/exec/kernel.h"
#include "nn/exec/weights.h"
#include "nn/model/graph.h"
#include "nn/model/infer.h"

#include <memory>

namespace nn {

/// One layer of a compiled network.
struct NetworkLayer {
    NodeId id = kNoNode;
    std::string name;
    std::string type;
    Shape output;                           ///< Without batch.
    std::vector<std::size_t> inputs{};      ///< Indices of layers, by port.
    std::vector<std::size_t> readers{};     ///< Indices of layers, one per wire, ascending.
    std::vector<std::size_t> variables{};   ///< Indices of variables, by `WeightSpec`.
    std::shared_ptr<const Kernel> kernel{}; ///< nullptr for input layers.
    bool trainable = true;
    bool isOutput = false;      ///< A result of the network, whether others read it or not.
    bool needsGradient = false; ///< A trainable variable lies in or before this layer.
};

/// A network ready to run: layers in topological order with their kernels. Models inside the model
/// are put in place ("tower/conv2d"); calls of the same layer share its variables. Immutable and
/// shared.
class Network {
public:
    /// Fails with the first problem of the inference when the graph cannot run.
    [[nodiscard]] static Expected<std::shared_ptr<const Network>> compile(const Graph& graph);
    [[nodiscard]] static Expected<std::shared_ptr<const Network>>
    compile(const Graph& graph, const Inference& inference);

    [[nodiscard]] const std::string& name() const { return m_name; }
    [[nodiscard]] const std::vector<NetworkLayer>& layers() const { return m_layers; }
    [[nodiscard]] const std::vector<Variable>& variables() const { return m_variables; }
    /// Indices of input layers, and of the layers that give the outputs, in the graph's order.
    [[nodiscard]] const std::vector<std::size_t>& inputs() const { return m_inputs; }
    [[nodiscard]] const std::vector<std::size_t>& outputs() const { return m_outputs; }
    /// The only output is a softmax along its last axis: an executor can give `Logits`.
    [[nodiscard]] bool outputIsSoftmax() const;
    /// The layer of a node; for a model inside the model the one that gives its first result.
    [[nodiscard]] std::optional<std::size_t> indexOf(NodeId id) const;
    [[nodiscard]] std::optional<std::size_t> indexOf(std::string_view layerName) const;

private:
    friend class NetworkBuilder;

    std::string m_name;
    std::vector<NetworkLayer> m_layers;
    std::vector<std::pair<NodeId, std::size_t>> m_models; ///< Nodes that hold models.
    std::vector<Variable> m_variables;
    std::vector<std::size_t> m_inputs;
    std::vector<std::size_t> m_outputs;
};

} // namespace nn
