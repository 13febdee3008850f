#include "nn/io/keras_code_parts.h"

#include "nn/model/object_def.h"

#include <algorithm>

namespace nn::io {

std::string kerasName(std::string name) {
    std::ranges::replace(name, '/', '_');
    return name;
}

std::string pythonValue(const ParamSpec& spec, const ParamValue& value) {
    if (const auto* text = std::get_if<std::string>(&value)) {
        return pythonString(*text);
    }
    const auto* list = std::get_if<std::vector<std::int64_t>>(&value);
    if (list != nullptr && list->size() == 1 && spec.minCount == 1) {
        return std::to_string(list->front()); // Keras takes one axis or a list of them.
    }
    const auto* reals = std::get_if<std::vector<double>>(&value);
    if (reals != nullptr && reals->size() == 1 && spec.minCount == 1) {
        return pythonText(ParamValue(reals->front())); // One factor, or two bounds.
    }
    const auto* object = std::get_if<ParamObject>(&value);
    if (object == nullptr || spec.family == nullptr) {
        return pythonText(value);
    }
    const ObjectDef* def = findObjectDef(*spec.family, object->type());
    if (def != nullptr && object->params().empty() && !def->aliases.empty()) {
        return pythonString(shortName(*def));
    }
    PythonCall call{.function = std::string(spec.family->module) + "." + object->type()};
    if (def != nullptr) {
        addArguments(call, def->params, object->params());
    }
    constexpr std::size_t kArguments = 2 * kLineIndent;
    return call.text(kArguments + spec.name.size() + std::string_view("=,").size(), kArguments);
}

void addArguments(PythonCall& call, const std::vector<ParamSpec>& specs, const ParamMap& params) {
    for (const ParamSpec& spec : specs) {
        const ParamValue& value = paramValue(params, spec);
        if (spec.required || value != spec.defaultValue) {
            call.add(spec.name, pythonValue(spec, value));
        }
    }
}

} // namespace nn::io
