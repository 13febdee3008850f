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
    };
    return std::visit(Visitor{}, value);
}

Expected<ParamValue> paramFromJson(const ParamSpec& spec, const Json& json) {
    const auto wrong = [&]() -> Expected<ParamValue> {
        return failure(ErrorCode::InvalidFile, "The argument \"" + spec.name + "\" expects " +
                                                   acceptedText(spec) + ", but received " +
                                                   json.dump().substr(0, 80) + ".");
    };
    ParamValue value;
    if (json.is_null()) {
        value = None{};
    } else if (json.is_boolean()) {
        value = json.get<bool>();
    } else if (json.is_number_integer()) {
        if (json.is_number_unsigned() && json.get<std::uint64_t>() > INT64_MAX) {
            return wrong();
        }
        value = json.get<std::int64_t>();
    } else if (json.is_number_float()) {
        value = json.get<double>();
    } else if (json.is_string()) {
        value = json.get<std::string>();
    } else if (json.is_array()) {
        std::vector<std::int64_t> list;
        for (const Json& item : json) {
            if (!item.is_number_integer()) {
                return wrong();
            }
            list.push_back(item.get<std::int64_t>());
        }
        if (spec.kind == ParamKind::Size && list.size() == 2) {
            value = Size2{list[0], list[1]};
        } else {
            value = std::move(list);
        }
    } else {
        return wrong();
    }
    return checkedValue(spec, value);
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
