#include "nn/io/keras_classes.h"

#include "nn/base/text.h"
#include "nn/io/keras_calls.h"
#include "nn/model/nested.h"
#include "nn/model/registry.h"

#include <algorithm>
#include <array>

namespace nn::io {
namespace {

std::string textOf(const Json& object, const char* key) {
    const Json* value = jsonMember(object, key);
    return value != nullptr && value->is_string() ? value->get<std::string>() : std::string();
}

/// What to add about a class that cannot be known.
std::string_view hintFor(std::string_view type, std::string_view module) {
    if (type == "Lambda") {
        return ", which holds Python code";
    }
    if (module.find(".ops") != std::string_view::npos || type == "TFOpLambda" ||
        type == "SlicingOpLambda") {
        return ", an operation written in Python instead of a layer";
    }
    if (type == "TFSMLayer" || type == "TorchModuleWrapper") {
        return ", which holds a program";
    }
    return "";
}

/// Classes of the same name from elsewhere may compute anything.
bool isFromKeras(const Json& layer) {
    const std::string module = textOf(layer, "module");
    constexpr std::array<std::string_view, 3> homes{"keras", "tf_keras", "tensorflow"};
    const bool known = module.empty() || std::ranges::any_of(homes, [&](std::string_view home) {
                           return module == home || module.starts_with(std::string(home) + ".");
                       });
    return known && module.find(".ops") == std::string::npos &&
           textOf(layer, "registered_name").find('>') == std::string::npos;
}

/// Collects the layers that are not known.
class Check {
public:
    Expected<void> checkModel(const Json& model, const std::string& path, int depth) {
        const Json* config = jsonMember(model, "config");
        const Json* layers = config == nullptr ? nullptr : layersOf(*config);
        if (layers == nullptr || !layers->is_array()) {
            return failure(ErrorCode::InvalidFile, "expected a list of at most 10,000 'layers'");
        }
        if (depth > kDeepestModels) {
            return failure(ErrorCode::Unsupported,
                           "models are inside each other more than 16 deep");
        }
        for (const Json& layer : *layers) {
            const Json* own = jsonMember(layer, "config");
            const std::string type = textOf(layer, "class_name");
            const bool isModel = isModelType(kerasClass(type));
            if (type.empty() || own == nullptr ||
                !(own->is_object() || (isModel && own->is_array()))) {
                return failure(ErrorCode::InvalidFile,
                               "expected each layer to have a 'class_name' and a 'config'");
            }
            const std::string name = path + textOf(*own, "name");
            if (findLayerDef(kerasClass(type)) == nullptr || !isFromKeras(layer)) {
                m_unknown.push_back("'" + name + "' (" + type +
                                    std::string(hintFor(type, textOf(layer, "module"))) + ")");
            } else if (isModel) {
                if (const auto inside = checkModel(layer, name + "/", depth + 1); !inside) {
                    return inside;
                }
            }
        }
        return {};
    }

    [[nodiscard]] const std::vector<std::string>& unknown() const { return m_unknown; }

private:
    std::vector<std::string> m_unknown;
};

} // namespace

std::string kerasClass(std::string_view className) {
    return std::string(className == "Model" ? "Functional" : className);
}

const Json* layersOf(const Json& config) {
    return config.is_array() ? &config : jsonMember(config, "layers");
}

Expected<void> checkKerasClasses(const Json& model) {
    const Json* config = jsonMember(model, "config");
    const std::string type = textOf(model, "class_name");
    if (config == nullptr || type.empty()) {
        return failure(ErrorCode::InvalidFile,
                       "expected a Keras model with 'class_name' and 'config'");
    }
    if (!isModelType(kerasClass(type))) {
        return failure(ErrorCode::Unsupported,
                       "expected a Sequential or Functional model, received '" + type + "'");
    }
    Check check;
    if (const auto checked = check.checkModel(model, {}, 0); !checked) {
        return checked;
    }
    if (!check.unknown().empty()) {
        return failure(ErrorCode::Unsupported,
                       "these layers are not supported: " + join(check.unknown(), ", ") +
                           ". Replace them in Keras by layers that are, or take them out, and "
                           "save the model again; nothing of the file was run");
    }
    return {};
}

} // namespace nn::io
