#include "nn/io/keras_code_parts.h"

#include "nn/base/text.h"

#include <cctype>

namespace nn::io {

std::string pythonValue(const ParamValue& value) {
    const auto* text = std::get_if<std::string>(&value);
    return text != nullptr ? pythonString(*text) : pythonText(value);
}

void addArguments(PythonCall& call, const std::vector<ParamSpec>& specs, const ParamMap& params) {
    for (const ParamSpec& spec : specs) {
        const ParamValue& value = paramValue(params, spec);
        if (spec.required || value != spec.defaultValue) {
            call.add(spec.name, pythonValue(value));
        }
    }
}

std::string kerasClassName(std::string_view name) {
    if (name == "kl_divergence") {
        return "KLDivergence";
    }
    std::string className;
    for (const std::string& word : split(name, '_')) {
        className += word;
        char& first = className[className.size() - word.size()];
        first = static_cast<char>(std::toupper(static_cast<unsigned char>(first)));
    }
    return className;
}

} // namespace nn::io
