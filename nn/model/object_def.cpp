#include "nn/model/object_def.h"

#include "nn/base/brackets.h"
#include "nn/base/text.h"

#include <algorithm>

namespace nn {
namespace {

/// Letters and digits of a class name, whatever its spelling: "he_normal", "HeNormal".
std::string bareName(std::string_view spelling) {
    std::string bare = lowerCase(spelling.substr(spelling.rfind('.') + 1));
    std::erase(bare, '_');
    return bare;
}

tl::unexpected<Error> unknownClass(const ObjectFamily& family, std::string_view spelling) {
    std::vector<std::string> names;
    for (const ObjectDef& def : family.defs()) {
        names.push_back(shortName(def));
    }
    std::string message = "expected " + std::string(family.phrase) + " (" + join(names, ", ") +
                          "), received '" + std::string(spelling) + "'";
    if (const auto meant = nearest(snakeCase(spelling), names)) {
        message += ". Did you mean '" + *meant + "'?";
    }
    return failure(ErrorCode::Usage, std::move(message));
}

std::string_view withoutQuotes(std::string_view text) {
    const bool quoted = text.size() >= 2 && text.front() == text.back() &&
                        (text.front() == '\'' || text.front() == '"');
    return quoted ? text.substr(1, text.size() - 2) : text;
}

/// The argument a part "name=value" or "value" is meant for, and its value.
Expected<std::pair<const ParamSpec*, std::string_view>>
argumentOf(const ObjectDef& def, std::string_view part, std::size_t position) {
    const std::vector<std::string_view> sides = outerParts(part, "=");
    const ParamSpec* spec = nullptr;
    if (sides.size() == 2) {
        spec = findSpec(def.params, sides.front());
    } else if (sides.size() == 1 && position < def.params.size()) {
        spec = &def.params[position];
    }
    if (spec == nullptr) {
        return failure(ErrorCode::Usage,
                       def.type + " has no argument for '" + std::string(part) + "'");
    }
    return std::pair(spec, sides.back());
}

} // namespace

const ObjectDef* findObjectDef(const ObjectFamily& family, std::string_view spelling) {
    const std::vector<ObjectDef>& defs = family.defs();
    // Values that were checked have the name of the class itself.
    if (const auto named = std::ranges::find(defs, spelling, &ObjectDef::type);
        named != defs.end()) {
        return &*named;
    }
    const std::string bare = bareName(spelling);
    for (const ObjectDef& def : defs) {
        const auto matches = [&bare](const std::string& name) { return bareName(name) == bare; };
        if (matches(def.type) || std::ranges::any_of(def.aliases, matches)) {
            return &def;
        }
    }
    return nullptr;
}

const std::string& shortName(const ObjectDef& def) {
    return def.aliases.empty() ? def.type : def.aliases.front();
}

Expected<ParamObject> checkedObject(const ObjectFamily& family, const ParamObject& object) {
    const ObjectDef* def = findObjectDef(family, object.type());
    if (def == nullptr) {
        return unknownClass(family, object.type());
    }
    ParamMap params;
    for (const auto& [name, value] : object.params()) {
        Expected<ParamMap> next = withParam(std::move(params), def->params, name, value);
        if (!next) {
            return failure(next.error(), def->type);
        }
        params = *std::move(next);
    }
    for (const ParamSpec& spec : def->params) {
        if (spec.required) {
            params.try_emplace(spec.name, spec.defaultValue);
        }
    }
    return ParamObject(def->type, std::move(params));
}

Expected<ParamObject> parsedObject(const ObjectFamily& family, std::string_view text) {
    text = trimmed(text);
    const std::size_t open = text.find('(');
    const std::string_view name = withoutQuotes(trimmed(text.substr(0, open)));
    const ObjectDef* def = findObjectDef(family, name);
    if (def == nullptr) {
        return unknownClass(family, name);
    }
    ParamMap params;
    if (open != std::string_view::npos) {
        if (!text.ends_with(')')) {
            return failure(ErrorCode::Usage,
                           "expected ')' at the end of '" + std::string(text) + "'");
        }
        const std::string_view inner = trimmed(text.substr(open + 1, text.size() - open - 2));
        std::size_t position = 0;
        for (const std::string_view part : outerParts(inner, ",")) {
            if (inner.empty()) {
                break;
            }
            const auto argument = argumentOf(*def, part, position++);
            if (!argument) {
                return tl::unexpected(argument.error());
            }
            const Expected<ParamValue> value = parsedValue(*argument->first, argument->second);
            if (!value) {
                return failure(value.error(), def->type);
            }
            params.insert_or_assign(argument->first->name, *value);
        }
    }
    return checkedObject(family, ParamObject(def->type, std::move(params)));
}

ParamObject defaultObject(const ObjectDef& def) {
    ParamMap params;
    for (const ParamSpec& spec : def.params) {
        if (spec.required) {
            params.emplace(spec.name, spec.defaultValue);
        }
    }
    return ParamObject(def.type, std::move(params));
}

} // namespace nn
