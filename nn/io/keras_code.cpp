#include "nn/io/keras_code.h"

#include "nn/base/text.h"
#include "nn/io/keras_code_parts.h"
#include "nn/model/keras_order.h"
#include "nn/model/registry.h"

#include <algorithm>
#include <map>
#include <set>

namespace nn::io {
namespace {

constexpr std::size_t kStep = 4;

/// Keras refuses "/" in the name of a layer.
std::string kerasName(std::string name) {
    std::ranges::replace(name, '/', '_');
    return name;
}

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

/// Writes the part of the program that makes `model`.
class ModelWriter {
public:
    ModelWriter(const Graph& graph, const Inference& inference)
        : m_graph(graph), m_inference(inference), m_order(kerasOrder(graph).layers) {}

    [[nodiscard]] std::string text() { return isSequential(m_graph) ? sequential() : functional(); }

private:
    [[nodiscard]] PythonCall callOf(NodeId id) const {
        const Node& node = *findNode(m_graph, id);
        PythonCall call = layerCall(node);
        const NodeInference* known = m_inference.find(id);
        if (!node.trainable && known != nullptr && !known->weights.empty()) {
            call.add("trainable", "False");
        }
        return call;
    }

    [[nodiscard]] std::string sequential() const {
        constexpr std::size_t kColumn = 2 * kStep;
        std::string text = "model = keras.Sequential(\n    [\n";
        for (const NodeId id : m_order) {
            text += std::string(kColumn, ' ') + callOf(id).text(kColumn + 1, kColumn) + ",\n";
        }
        return text + "    ],\n    name=" + pythonString(modelName(m_graph)) + ",\n)\n";
    }

    [[nodiscard]] std::string functional() {
        std::string text;
        for (const NodeId id : m_order) {
            const std::string variable = m_names.free(findNode(m_graph, id)->name);
            const std::string start = variable + " = ";
            const std::string inputs = inputsText(id);
            text += start + callOf(id).text(start.size() + inputs.size()) + inputs + "\n";
            m_variables[id] = variable;
        }
        PythonCall model{.function = "keras.Model"};
        model.add("inputs", listText(m_inference.inputs));
        model.add("outputs", listText(m_inference.outputs));
        model.add("name", pythonString(modelName(m_graph)));
        const std::string start = "model = ";
        return text + start + model.text(start.size()) + "\n";
    }

    /// "(conv2d)", "([conv2d, re_lu])", nothing for an input.
    [[nodiscard]] std::string inputsText(NodeId id) const {
        const LayerDef* def = findLayerDef(findNode(m_graph, id)->type);
        std::vector<std::string> names;
        for (const NodeId source : inputsOf(m_graph, id)) {
            if (const auto found = m_variables.find(source); found != m_variables.end()) {
                names.push_back(found->second);
            }
        }
        if (names.empty()) {
            return {};
        }
        const bool isList = names.size() > 1 || (def != nullptr && def->arity.max > 1);
        return isList ? "([" + join(names, ", ") + "])" : "(" + names.front() + ")";
    }

    [[nodiscard]] std::string listText(const std::vector<NodeId>& ids) const {
        std::vector<std::string> names;
        for (const NodeId id : ids) {
            if (const auto found = m_variables.find(id); found != m_variables.end()) {
                names.push_back(found->second);
            }
        }
        return names.size() == 1 ? names.front() : "[" + join(names, ", ") + "]";
    }

    const Graph& m_graph;
    const Inference& m_inference;
    std::vector<NodeId> m_order;
    PythonNames m_names{{"keras", "layers", "numpy", "model", "images", "history", "x_train",
                         "y_train", "x_test", "y_test"}};
    std::map<NodeId, std::string> m_variables;
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
    text += ModelWriter(*project.graph, inference).text();
    text += "model.summary()\n\n";
    return text + data + "\n" + kerasTrainingCode(project, inference);
}

} // namespace nn::io
