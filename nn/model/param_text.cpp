#include "nn/model/param.h"

#include "nn/base/text.h"
#include "nn/model/object_def.h"

#include <algorithm>
#include <cmath>

namespace nn {
namespace {

template <typename... Fs>
struct Overloaded : Fs... {
    using Fs::operator()...;
};
template <typename... Fs>
Overloaded(Fs...) -> Overloaded<Fs...>;

std::string boundText(double bound) {
    const bool whole = std::floor(bound) == bound && std::abs(bound) < 1e15;
    return whole ? withThousands(static_cast<std::int64_t>(bound)) : numberText(bound);
}

std::string rangeText(const ParamSpec& spec) {
    const bool hasMin = std::isfinite(spec.min);
    const bool hasMax = std::isfinite(spec.max);
    if (hasMin && hasMax && !spec.minExclusive && !spec.maxExclusive) {
        return " from " + boundText(spec.min) + " to " + boundText(spec.max);
    }
    std::string text;
    if (hasMin) {
        text += (spec.minExclusive ? " above " : " of at least ") + boundText(spec.min);
    }
    if (hasMax) {
        text += hasMin ? " and" : "";
        text += (spec.maxExclusive ? " below " : " at most ") + boundText(spec.max);
    }
    return text;
}

std::string eachText(const ParamSpec& spec) {
    const std::string range = rangeText(spec);
    return range.empty() ? "" : ", each" + range;
}

/// "whole numbers separated by commas", "2 numbers separated by commas".
std::string countedText(const ParamSpec& spec, std::string_view thing) {
    constexpr std::size_t kOpen = std::numeric_limits<std::size_t>::max();
    std::string count;
    if (spec.minCount == spec.maxCount) {
        count = std::to_string(spec.minCount) + " ";
    } else if (spec.maxCount != kOpen) {
        count = std::to_string(spec.minCount) + " to " + std::to_string(spec.maxCount) + " ";
    } else if (spec.minCount > 0) {
        count = "at least " + std::to_string(spec.minCount) + " ";
    }
    return count + std::string(thing) + (spec.maxCount == 1 ? "" : "s separated by commas") +
           eachText(spec);
}

std::string familyText(const ObjectFamily& family) {
    std::vector<std::string> names;
    for (const ObjectDef& def : family.defs()) {
        names.push_back(shortName(def));
    }
    return std::string(family.phrase) + " (" + join(names, ", ") + ")";
}

std::string withoutNone(const ParamSpec& spec) {
    switch (spec.kind) {
    case ParamKind::Bool:
        return "True or False";
    case ParamKind::Integer:
        return "a whole number" + rangeText(spec);
    case ParamKind::Real:
        return "a number" + rangeText(spec) +
               (spec.family == nullptr ? "" : ", or " + familyText(*spec.family));
    case ParamKind::Choice: {
        std::vector<std::string> quoted;
        for (const std::string& choice : spec.choices) {
            quoted.push_back("'" + choice + "'");
        }
        return "one of " + join(quoted, ", ");
    }
    case ParamKind::Size:
        return "a whole number or a pair (height, width)" + eachText(spec);
    case ParamKind::IntegerList:
        return countedText(spec, "whole number");
    case ParamKind::RealList:
        return countedText(spec, "number");
    case ParamKind::Borders:
        return "a whole number, a pair (vertical, horizontal) or ((top, bottom), (left, right))" +
               eachText(spec);
    case ParamKind::Object:
        return spec.family == nullptr ? "an object" : familyText(*spec.family);
    case ParamKind::Text:
        return "a text";
    }
    return {};
}

std::string listText(const std::vector<std::int64_t>& list) {
    std::vector<std::string> parts;
    for (const std::int64_t number : list) {
        parts.push_back(std::to_string(number));
    }
    return join(parts, ", ");
}

std::string realText(double number) {
    const std::string text = numberText(number);
    const bool whole = text.find_first_not_of("-0123456789") == std::string::npos;
    return whole ? text + ".0" : text;
}

std::string listText(const std::vector<double>& list) {
    std::vector<std::string> parts;
    for (const double number : list) {
        parts.push_back(realText(number));
    }
    return join(parts, ", ");
}

std::string bordersText(const Borders& borders) {
    return "((" + std::to_string(borders.top) + ", " + std::to_string(borders.bottom) + "), (" +
           std::to_string(borders.left) + ", " + std::to_string(borders.right) + "))";
}

std::string objectText(const ParamObject& object) {
    std::vector<std::string> arguments;
    for (const auto& [name, value] : object.params()) {
        arguments.push_back(name + "=" + pythonText(value));
    }
    return object.type() + "(" + join(arguments, ", ") + ")";
}

} // namespace

std::string pythonText(const ParamValue& value) {
    return std::visit(
        Overloaded{
            [](None) { return std::string("None"); },
            [](bool flag) { return std::string(flag ? "True" : "False"); },
            [](std::int64_t number) { return std::to_string(number); },
            [](double number) { return realText(number); },
            [](const std::string& text) { return "'" + text + "'"; },
            [](const Size2& size) {
                return "(" + std::to_string(size.height) + ", " + std::to_string(size.width) + ")";
            },
            [](const std::vector<std::int64_t>& list) {
                return "(" + listText(list) + (list.size() == 1 ? ",)" : ")");
            },
            [](const std::vector<double>& list) { return "[" + listText(list) + "]"; },
            [](const Borders& borders) { return bordersText(borders); },
            [](const ParamObject& object) {
                return object.params().empty() ? "'" + snakeCase(object.type()) + "'"
                                               : objectText(object);
            },
        },
        value);
}

std::string plainText(const ParamValue& value) {
    return std::visit(
        Overloaded{
            [](None) { return std::string("None"); },
            [](bool flag) { return std::string(flag ? "true" : "false"); },
            [](std::int64_t number) { return std::to_string(number); },
            [](double number) { return numberText(number); },
            [](const std::string& text) { return text; },
            [](const Size2& size) {
                return std::to_string(size.height) + "×" + std::to_string(size.width);
            },
            [](const std::vector<std::int64_t>& list) { return listText(list); },
            [](const std::vector<double>& list) {
                std::vector<std::string> parts;
                for (const double number : list) {
                    parts.push_back(numberText(number));
                }
                return join(parts, ", ");
            },
            [](const Borders& borders) {
                const bool same = borders.top == borders.bottom && borders.left == borders.right;
                return !same ? bordersText(borders)
                       : borders.top == borders.left
                           ? std::to_string(borders.top)
                           : std::to_string(borders.top) + "×" + std::to_string(borders.left);
            },
            [](const ParamObject& object) {
                return object.params().empty() ? snakeCase(object.type()) : objectText(object);
            },
        },
        value);
}

std::string acceptedText(const ParamSpec& spec) {
    return withoutNone(spec) + (spec.optional ? ", or None" : "");
}

} // namespace nn
