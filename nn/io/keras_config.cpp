#include "nn/io/keras_config.h"

#include "nn/model/object_def.h"

#include <algorithm>
#include <array>

namespace nn::io {
namespace {

Error unsupported(std::string_view key, const Json& value) {
    return {ErrorCode::Unsupported, "its argument '" + std::string(key) + "' is " +
                                        value.dump().substr(0, 120) +
                                        ", which this program does not support"};
}

/// Keys that say nothing about what a layer computes, or only repeat a default.
bool isWithoutMeaning(std::string_view key) {
    constexpr std::array<std::string_view, 14> keys{"name",
                                                    "trainable",
                                                    "batch_input_shape",
                                                    "batch_shape",
                                                    "input_dtype",
                                                    "ragged",
                                                    "optional",
                                                    "renorm_momentum",
                                                    "renorm_clipping",
                                                    "registered_name",
                                                    "seed",
                                                    "module",
                                                    "fused",
                                                    "synchronized"};
    return std::ranges::find(keys, key) != keys.end();
}

/// Keys whose other values would change the result.
bool changesTheResult(std::string_view key) {
    constexpr std::array<std::string_view, 12> keys{
        "renorm",        "noise_shape",         "groups",
        "dilation_rate", "output_padding",      "sparse",
        "lora_rank",     "quantization_config", "virtual_batch_size",
        "rms_scaling",   "input_length",        "mask_zero"};
    return std::ranges::find(keys, key) != keys.end() || key.ends_with("_regularizer") ||
           key.ends_with("_constraint");
}

bool isNothing(const Json& value) {
    return value.is_null() || value == false ||
           (value.is_array() && value == Json::array({1, 1})) || value == 1;
}

/// The name in a string or in a serialized object {"class_name", "config"}.
std::optional<std::string> objectName(const Json& value) {
    if (value.is_string()) {
        return value.get<std::string>();
    }
    if (!value.is_object() || !value.contains("class_name") || !value["class_name"].is_string()) {
        return std::nullopt;
    }
    const std::string name = value["class_name"].get<std::string>();
    const bool isFunction = name == "function" && value.contains("config");
    if (isFunction) {
        return value["config"].is_string() ? std::optional(value["config"].get<std::string>())
                                           : std::nullopt;
    }
    return name;
}

Expected<void> checkType(const Json& value) {
    const Json* name = &value;
    if (value.is_object() && value.contains("config") && value["config"].is_object() &&
        value["config"].contains("name")) {
        name = &value["config"]["name"];
    }
    if (name->is_null() || *name == "float32") {
        return {};
    }
    return tl::unexpected(unsupported("dtype", *name));
}

/// Whether a key of an object says nothing about what it computes.
bool isWithoutMeaningInObject(std::string_view key, const Json& value) {
    return value.is_null() || key == "dtype" || key == "name";
}

/// An initializer, regularizer… with the arguments this program knows. Others must say nothing.
Expected<Json> objectValue(const ParamSpec& spec, const Json& value) {
    const std::optional<std::string> name = objectName(value);
    const ObjectDef* def = name ? findObjectDef(*spec.family, *name) : nullptr;
    if (def == nullptr) {
        return tl::unexpected(unsupported(spec.name, value));
    }
    Json config = Json::object();
    if (value.is_object() && value.contains("config") && value["config"].is_object()) {
        for (const auto& [key, argument] : value["config"].items()) {
            if (findSpec(def->params, key) != nullptr) {
                // Keras 2 calls the truncated distribution normal.
                const bool isNormal = key == "distribution" && argument == "normal";
                config[key] = isNormal ? Json("truncated_normal") : argument;
            } else if (!isWithoutMeaningInObject(key, argument)) {
                return tl::unexpected(unsupported(spec.name, value));
            }
        }
    }
    return Json{{"class_name", def->type}, {"config", std::move(config)}};
}

/// What Keras wrote in the form that `paramFromJson` reads.
Expected<Json> plainValue(const ParamSpec& spec, const Json& value) {
    if (spec.family != nullptr && (value.is_string() || value.is_object())) {
        return objectValue(spec, value);
    }
    if (spec.kind == ParamKind::Choice && value.is_object()) {
        const std::optional<std::string> name = objectName(value);
        if (!name) {
            return tl::unexpected(unsupported(spec.name, value));
        }
        return Json(*name);
    }
    if (spec.name == "activation" && value.is_null()) {
        return Json("linear");
    }
    if (spec.kind == ParamKind::Choice && value.is_string() &&
        std::ranges::find(spec.choices, value.get<std::string>()) == spec.choices.end()) {
        return tl::unexpected(unsupported(spec.name, value));
    }
    if (spec.kind == ParamKind::Integer && value.is_array() && value.size() == 1) {
        return value[0];
    }
    if (spec.kind == ParamKind::IntegerList && value.is_array()) {
        Json list = value;
        for (Json& item : list) {
            item = item.is_null() ? Json(kUnknown) : item; // None in a noise_shape.
        }
        return list;
    }
    return value;
}

/// The shape of an Input layer; null is an open extent. The batch in front must be open.
Expected<Json> inputShape(const Json& config) {
    for (const char* key : {"batch_shape", "batch_input_shape", "shape"}) {
        if (!config.contains(key)) {
            continue;
        }
        const Json& written = config[key];
        const bool hasBatch = std::string_view(key) != "shape";
        if (!written.is_array() || (hasBatch && written.empty())) {
            return failure(ErrorCode::InvalidFile,
                           std::string("expected a list of numbers in '") + key + "'");
        }
        Json shape = Json::array();
        for (std::size_t i = hasBatch ? 1 : 0; i < written.size(); ++i) {
            shape.push_back(written[i].is_null() ? Json(-1) : written[i]);
        }
        return shape;
    }
    return failure(ErrorCode::InvalidFile, "an Input layer needs a 'batch_shape'");
}

Expected<void> setParam(ParamMap& params, const LayerDef& def, const ParamSpec& spec,
                        const Json& value) {
    const Expected<Json> plain = plainValue(spec, value);
    if (!plain) {
        return tl::unexpected(plain.error());
    }
    const Expected<ParamValue> checked = paramFromJson(spec, *plain);
    if (!checked) {
        // A newer Keras may know more activations or modes; a number out of range is a mistake.
        const bool isChoice = spec.kind == ParamKind::Choice && plain->is_string();
        return failure(isChoice ? ErrorCode::Unsupported : checked.error().code,
                       checked.error().message);
    }
    Expected<ParamMap> changed = withParam(std::move(params), def.params, spec.name, *checked);
    if (!changed) {
        return tl::unexpected(changed.error());
    }
    params = std::move(*changed);
    return {};
}

/// A key that is no argument here: fine, refused, or worth a warning.
Expected<void> checkOther(std::string_view key, const Json& value,
                          std::vector<std::string>& warnings) {
    if (key == "dtype") {
        return checkType(value);
    }
    if (key == "data_format" && !(value.is_null() || value == "channels_last")) {
        return tl::unexpected(unsupported(key, value));
    }
    if (key == "data_format" || isWithoutMeaning(key) || isNothing(value)) {
        return {};
    }
    if (changesTheResult(key)) {
        return tl::unexpected(unsupported(key, value));
    }
    warnings.push_back("the unknown argument '" + std::string(key) + "' was left out");
    return {};
}

} // namespace

Expected<ParamMap> paramsFromKeras(const LayerDef& def, const Json& config,
                                   std::vector<std::string>& warnings) {
    ParamMap params;
    const bool isInput = def.category == Category::Input;
    if (isInput) {
        const Expected<Json> shape = inputShape(config);
        if (!shape) {
            return tl::unexpected(shape.error());
        }
        if (const auto set = setParam(params, def, *findSpec(def.params, "shape"), *shape); !set) {
            return tl::unexpected(set.error());
        }
    }
    for (const auto& [key, value] : config.items()) {
        // LeakyReLU of Keras 2 calls it alpha.
        const bool renamed = key == "alpha" && def.type == "LeakyReLU";
        const ParamSpec* spec = findSpec(def.params, renamed ? "negative_slope" : key);
        if (isInput && key == "shape") {
            continue;
        }
        const Expected<void> done = spec != nullptr ? setParam(params, def, *spec, value)
                                                    : checkOther(key, value, warnings);
        if (!done) {
            return tl::unexpected(done.error());
        }
    }
    for (const ParamSpec& spec : def.params) {
        const bool isKeras2Pool = spec.name == "pool_size";
        if (spec.required && !isInput && !isKeras2Pool && !config.contains(spec.name)) {
            return failure(ErrorCode::InvalidFile, "its argument '" + spec.name + "' is missing");
        }
    }
    return params;
}

} // namespace nn::io
