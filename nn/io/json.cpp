#include "nn/io/json.h"

#include "nn/base/text.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace nn::io {
namespace {

constexpr std::size_t kMostBytes = std::size_t{64} << 20;
constexpr int kDeepest = 64;

/// Refuses, while reading, what a hostile file could use.
struct Guard {
    std::vector<std::set<std::string>> names;
    std::string problem;

    bool operator()(int depth, Json::parse_event_t event, Json& value) {
        if (depth > kDeepest) {
            problem = "it is nested deeper than " + std::to_string(kDeepest) + " levels";
        }
        if (event == Json::parse_event_t::object_start) {
            names.emplace_back();
        } else if (event == Json::parse_event_t::object_end) {
            names.pop_back();
        } else if (event == Json::parse_event_t::key && !names.empty() &&
                   !names.back().insert(value.get<std::string>()).second && problem.empty()) {
            problem = "the member \"" + value.get<std::string>() + "\" is given twice";
        }
        return problem.empty();
    }
};

std::string lineAndColumn(std::string_view text, std::size_t byte) {
    const std::string_view before = text.substr(0, std::min(byte, text.size()));
    const auto line = std::ranges::count(before, '\n') + 1;
    const std::size_t lineStart =
        before.rfind('\n') == std::string_view::npos ? 0 : before.rfind('\n') + 1;
    return "line " + std::to_string(line) + ", column " +
           std::to_string(before.size() - lineStart + 1);
}

std::string typeText(const Json& json) {
    return json.type_name();
}

Error wrongMember(const char* name, std::string_view expected, const Json* found) {
    return {ErrorCode::InvalidFile,
            "Expected " + std::string(expected) + " in the member \"" + name + "\", but " +
                (found == nullptr ? "it is missing."
                                  : "found a value of type " + typeText(*found) + ".")};
}

const Json* member(const Json& object, const char* name) {
    if (!object.is_object()) {
        return nullptr;
    }
    const auto found = object.find(name);
    return found == object.end() ? nullptr : &*found;
}

std::optional<ParamValue> valueOf(const Json& json);

/// A list of whole numbers, of numbers, or ((top, bottom), (left, right)).
std::optional<ParamValue> listOf(const Json& json) {
    const auto isPair = [](const Json& item) {
        return item.is_array() && item.size() == 2 && item[0].is_number_integer() &&
               item[1].is_number_integer();
    };
    if (json.size() == 2 && isPair(json[0]) && isPair(json[1])) {
        return Borders{json[0][0].get<std::int64_t>(), json[0][1].get<std::int64_t>(),
                       json[1][0].get<std::int64_t>(), json[1][1].get<std::int64_t>()};
    }
    const auto isWhole = [](const Json& item) { return item.is_number_integer(); };
    const auto isNumber = [](const Json& item) { return item.is_number(); };
    if (std::all_of(json.begin(), json.end(), isWhole)) {
        return json.get<std::vector<std::int64_t>>();
    }
    if (std::all_of(json.begin(), json.end(), isNumber)) {
        return json.get<std::vector<double>>();
    }
    return std::nullopt;
}

/// Keras' {"class_name": …, "config": {…}}; other members say only where the class is kept.
std::optional<ParamValue> objectOf(const Json& json) {
    const Json* type = member(json, "class_name");
    if (type == nullptr || !type->is_string()) {
        return std::nullopt;
    }
    ParamMap params;
    if (const Json* config = member(json, "config"); config != nullptr && config->is_object()) {
        for (const auto& [name, item] : config->items()) {
            std::optional<ParamValue> value = valueOf(item);
            if (!value) {
                return std::nullopt;
            }
            params.emplace(name, *std::move(value));
        }
    }
    return ParamObject(type->get<std::string>(), std::move(params));
}

/// The value as it is written, not yet checked against what an argument accepts.
std::optional<ParamValue> valueOf(const Json& json) {
    if (json.is_null()) {
        return None{};
    }
    if (json.is_boolean()) {
        return json.get<bool>();
    }
    if (json.is_number_unsigned() && json.get<std::uint64_t>() > INT64_MAX) {
        return std::nullopt;
    }
    if (json.is_number_integer()) {
        return json.get<std::int64_t>();
    }
    if (json.is_number_float()) {
        return json.get<double>();
    }
    if (json.is_string()) {
        return json.get<std::string>();
    }
    return json.is_array() ? listOf(json) : objectOf(json);
}

} // namespace

Expected<Json> parsedJson(std::string_view text) {
    if (text.size() > kMostBytes) {
        return failure(ErrorCode::InvalidFile,
                       "Expected at most " + byteText(kMostBytes) + " of JSON, but received " +
                           byteText(static_cast<std::int64_t>(text.size())) + ".");
    }
    Guard guard;
    try {
        Json json = Json::parse(text, std::ref(guard));
        if (!guard.problem.empty()) {
            return failure(ErrorCode::InvalidFile, "The JSON is refused: " + guard.problem + ".");
        }
        return json;
    } catch (const Json::parse_error& error) {
        return failure(ErrorCode::InvalidFile,
                       "Expected JSON, but at " +
                           lineAndColumn(text, error.byte == 0 ? 0 : error.byte - 1) +
                           " there is something else or the text ends too early.");
    } catch (const Json::exception& error) {
        return failure(ErrorCode::InvalidFile,
                       std::string("The JSON cannot be read: ") + error.what() + ".");
    }
}

Json toJson(const ParamValue& value) {
    struct Visitor {
        Json operator()(None) const { return nullptr; }
        Json operator()(const Size2& size) const { return Json::array({size.height, size.width}); }
        Json operator()(bool flag) const { return flag; }
        Json operator()(std::int64_t number) const { return number; }
        Json operator()(double number) const { return number; }
        Json operator()(const std::string& text) const { return text; }
        Json operator()(const std::vector<std::int64_t>& list) const { return list; }
        Json operator()(const std::vector<double>& list) const { return list; }
        Json operator()(const Borders& borders) const {
            return Json::array({Json::array({borders.top, borders.bottom}),
                                Json::array({borders.left, borders.right})});
        }
        Json operator()(const ParamObject& object) const {
            if (object.params().empty()) {
                return snakeCase(object.type());
            }
            Json config = Json::object();
            for (const auto& [name, argument] : object.params()) {
                config[name] = toJson(argument);
            }
            return {{"class_name", object.type()}, {"config", std::move(config)}};
        }
    };
    return std::visit(Visitor{}, value);
}

Expected<ParamValue> paramFromJson(const ParamSpec& spec, const Json& json) {
    const std::optional<ParamValue> value = valueOf(json);
    if (!value) {
        return failure(ErrorCode::InvalidFile, "The argument \"" + spec.name + "\" expects " +
                                                   acceptedText(spec) + ", but received " +
                                                   json.dump().substr(0, 80) + ".");
    }
    return checkedValue(spec, *value);
}

Json toJson(const ParamMap& params, const std::vector<ParamSpec>& specs) {
    Json json = Json::object();
    for (const ParamSpec& spec : specs) {
        if (spec.required || params.contains(spec.name)) {
            json[spec.name] = toJson(paramValue(params, spec));
        }
    }
    return json;
}

Expected<ParamMap> paramsFromJson(const std::vector<ParamSpec>& specs, const Json& json) {
    if (!json.is_object()) {
        return failure(ErrorCode::InvalidFile, "Expected an object of arguments, but found a "
                                               "value of type " +
                                                   typeText(json) + ".");
    }
    ParamMap params;
    for (const auto& [name, value] : json.items()) {
        const ParamSpec* spec = findSpec(specs, name);
        if (spec == nullptr) {
            return failure(ErrorCode::InvalidFile, "There is no argument \"" + name + "\" here.");
        }
        const Expected<ParamValue> checked = paramFromJson(*spec, value);
        if (!checked) {
            return tl::unexpected(checked.error());
        }
        Expected<ParamMap> next = withParam(std::move(params), specs, name, *checked);
        if (!next) {
            return next;
        }
        params = *std::move(next);
    }
    return params;
}

Expected<std::string> textMember(const Json& object, const char* name) {
    const Json* found = member(object, name);
    if (found == nullptr || !found->is_string()) {
        return tl::unexpected(wrongMember(name, "text", found));
    }
    return found->get<std::string>();
}

Expected<std::int64_t> integerMember(const Json& object, const char* name) {
    const Json* found = member(object, name);
    const bool tooLarge =
        found != nullptr && found->is_number_unsigned() && found->get<std::uint64_t>() > INT64_MAX;
    if (found == nullptr || !found->is_number_integer() || tooLarge) {
        return tl::unexpected(wrongMember(name, "a whole number", found));
    }
    return found->get<std::int64_t>();
}

Expected<double> realMember(const Json& object, const char* name) {
    const Json* found = member(object, name);
    if (found == nullptr || !found->is_number()) {
        return tl::unexpected(wrongMember(name, "a number", found));
    }
    return found->get<double>();
}

} // namespace nn::io
