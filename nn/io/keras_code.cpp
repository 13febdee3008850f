#include "nn/io/keras_code.h"

#include "nn/base/text.h"
#include "nn/io/keras_code_parts.h"
#include "nn/model/keras_order.h"
#include "nn/model/nested.h"
#include "nn/model/registry.h"
#include "nn/model/wiring.h"

#include <algorithm>
#include <map>
#include <set>

namespace nn::io {
namespace {

constexpr std::size_t kStep = 4;

std::string inputShape(const Node& node, const LayerDef& def) {
    const ParamValue& value = paramValue(node.params, *findSpec(def.params, "shape"));
    std::string text = "(";
    const auto& extents = std::get<std::vector<std::int64_t>>(value);
    for (const std::int64_t extent : extents) {
        text += (text.size() > 1 ? ", " : "") + (extent < 0 ? "None" : std::to_string(extent));
    }
    return text + (extents.size() == 1 ? ",)" : ")");
}

PythonCall layerCall(const Node& node) {
    const LayerDef* def = findLayerDef(node.type);
    PythonCall call{.function = "layers." + node.type};
    if (def != nullptr && node.type == kInputType) {
        call.function = "keras.Input";
        call.add("shape", inputShape(node, *def));
    } else if (def != nullptr) {
        addArguments(call, def->params, node.params);
    }
    call.add("name", pythonString(kerasName(node.name)));
    return call;
}

/// Writes the part of the program that makes a model, models inside it first.
class ModelWriter {
public:
    ModelWriter(const Graph& graph, const Inference& inference, PythonNames& names)
        : m_graph(graph), m_inference(inference), m_order(kerasOrder(graph).layers),
          m_names(names) {}

    [[nodiscard]] std::string text(const std::string& target) {
        const std::string inside = modelsInside();
        return inside + (isSequential(m_graph) ? sequential(target) : functional(target));
    }

private:
    /// The models inside, and the layers that are called several times: each has a variable.
    [[nodiscard]] std::string modelsInside() {
        std::string text;
        for (const NodeId id : m_order) {
            const Node& node = *findNode(m_graph, id);
            const bool isShared = callsOf(m_graph, id).size() > 1;
            if (node.model) {
                const std::string variable = m_names.free(node.name + "_model");
                Graph inside = *node.model;
                inside.name = node.name;
                text += ModelWriter(inside, infer(inside), m_names).text(variable);
                text += node.trainable ? "" : variable + ".trainable = False\n";
                text += "\n";
                m_layers[id] = variable;
            } else if (isShared) {
                const std::string variable = m_names.free(node.name + "_layer");
                const std::string start = variable + " = ";
                text += start + callOf(id).text(start.size()) + "\n";
                m_layers[id] = variable;
            }
        }
        return text;
    }

    [[nodiscard]] PythonCall callOf(NodeId id) const {
        const Node& node = *findNode(m_graph, id);
        PythonCall call = layerCall(node);
        const NodeInference* known = m_inference.find(id);
        if (!node.trainable && known != nullptr && !known->weights.empty()) {
            call.add("trainable", "False");
        }
        return call;
    }

    [[nodiscard]] std::string sequential(const std::string& target) const {
        constexpr std::size_t kColumn = 2 * kStep;
        std::string text = target + " = keras.Sequential(\n    [\n";
        for (const NodeId id : m_order) {
            const auto layer = m_layers.find(id);
            text +=
                std::string(kColumn, ' ') +
                (layer != m_layers.end() ? layer->second : callOf(id).text(kColumn + 1, kColumn)) +
                ",\n";
        }
        return text + "    ],\n    name=" + pythonString(modelName(m_graph)) + ",\n)\n";
    }

    [[nodiscard]] std::string functional(const std::string& target) {
        std::string text;
        for (const NodeId id : callOrder()) {
            const Node& node = *findNode(m_graph, id);
            const std::string variable = m_names.free(node.name);
            const std::string start = variable + " = ";
            const std::string inputs = inputsText(id);
            const auto layer = m_layers.find(layerOf(node));
            text += start +
                    (layer != m_layers.end() ? layer->second
                                             : callOf(id).text(start.size() + inputs.size())) +
                    inputs + "\n";
            m_variables[id] = variable;
        }
        PythonCall model{.function = "keras.Model"};
        std::vector<Source> inputs;
        for (const NodeId input : m_inference.inputs) {
            inputs.push_back({input, 0});
        }
        model.add("inputs", listText(inputs));
        model.add("outputs", listText(outputsOf(m_graph)));
        model.add("name", pythonString(modelName(m_graph)));
        const std::string start = target + " = ";
        return text + start + model.text(start.size()) + "\n";
    }

    /// Keras' order of layers, or that of the wires when a layer is called several times.
    [[nodiscard]] std::vector<NodeId> callOrder() const {
        return m_order.size() == m_graph.nodes.size() ? m_order : m_inference.order;
    }

    /// The variable of a result: "tower", "tower[1]" when there are several.
    [[nodiscard]] std::optional<std::string> variableOf(const Source& source) const {
        const auto found = m_variables.find(source.node);
        if (found == m_variables.end()) {
            return std::nullopt;
        }
        const bool hasSeveral = outputCount(*findNode(m_graph, source.node)) > 1;
        return found->second + (hasSeveral ? "[" + std::to_string(source.output) + "]" : "");
    }

    /// "(conv2d)", "([conv2d, re_lu])", nothing for an input.
    [[nodiscard]] std::string inputsText(NodeId id) const {
        std::vector<std::string> names;
        for (const Edge& wire : wiresInto(m_graph, id)) {
            if (const auto variable = variableOf({wire.from, wire.output})) {
                names.push_back(*variable);
            }
        }
        if (names.empty()) {
            return {};
        }
        const bool isList = names.size() > 1 || arityOf(*findNode(m_graph, id)).max > 1;
        return isList ? "([" + join(names, ", ") + "])" : "(" + names.front() + ")";
    }

    [[nodiscard]] std::string listText(const std::vector<Source>& sources) const {
        std::vector<std::string> names;
        for (const Source& source : sources) {
            if (const auto variable = variableOf(source)) {
                names.push_back(*variable);
            }
        }
        return names.size() == 1 ? names.front() : "[" + join(names, ", ") + "]";
    }

    const Graph& m_graph;
    const Inference m_inference;
    std::vector<NodeId> m_order;
    PythonNames& m_names;
    std::map<NodeId, std::string> m_layers;    ///< Variables of layers.
    std::map<NodeId, std::string> m_variables; ///< Variables of results.
};

/// What is wrong with the network, as comments.
std::string problemsText(const Inference& inference) {
    std::string text;
    for (const Diagnostic& diagnostic : inference.diagnostics) {
        if (diagnostic.severity == Severity::Error) {
            std::string line = diagnostic.message;
            std::ranges::replace(line, '\n', ' ');
            text += "#   " + line + "\n";
        }
    }
    return text.empty() ? text : "# This network cannot be built yet:\n" + text + "\n";
}

} // namespace

std::string kerasLayerCode(const Node& node) {
    return layerCall(node).text();
}

std::string kerasCode(const Project& project) {
    const Inference inference = infer(*project.graph);
    const std::string data = kerasDataCode(project, inference);
    std::string text = "\"\"\"Builds, compiles and fits a network drawn in Receptive, with Keras "
                       "3.\"\"\"\n\nimport keras\n";
    if (data.find("numpy.") != std::string::npos) {
        text += "import numpy\n";
    }
    text += "from keras import layers\n\n";
    text += "keras.utils.set_random_seed(" + std::to_string(project.training.seed) + ")\n\n";
    text += problemsText(inference);
    PythonNames names({"keras", "layers", "numpy", "model", "images", "history", "x_train",
                       "y_train", "x_test", "y_test"});
    text += ModelWriter(*project.graph, inference, names).text("model");
    text += "model.summary()\n\n";
    return text + data + "\n" + kerasTrainingCode(project, inference);
}

} // namespace nn::io
