#include "nn/model/param.h"

#include "nn/base/text.h"

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

std::string withoutNone(const ParamSpec& spec) {
    switch (spec.kind) {
    case ParamKind::Bool:
        return "True or False";
    case ParamKind::Integer:
        return "a whole number" + rangeText(spec);
    case ParamKind::Real:
        return "a number" + rangeText(spec);
    case ParamKind::Choice: {
        std::vector<std::string> quoted;
        for (const std::string& choice : spec.choices) {
            quoted.push_back("'" + choice + "'");
        }
        return "one of " + join(quoted, ", ");
    }
    case ParamKind::Size:
        return "a whole number or a pair (height, width)" +
               (rangeText(spec).empty() ? "" : ", each" + rangeText(spec));
    case ParamKind::IntegerList:
        return "whole numbers separated by commas" +
               (rangeText(spec).empty() ? "" : ", each" + rangeText(spec));
    case ParamKind::Text:
        return "a text";
    }
    return {};
}

tl::unexpected<Error> refused(const ParamSpec& spec, std::string_view received) {
    std::string message =
        spec.name + ": expected " + acceptedText(spec) + ", received " + std::string(received);
    return failure(ErrorCode::Usage, std::move(message));
}

bool isInRange(const ParamSpec& spec, double value) {
    return std::isfinite(value) && (spec.minExclusive ? value > spec.min : value >= spec.min) &&
           (spec.maxExclusive ? value < spec.max : value <= spec.max);
}
bool isInRange(const ParamSpec& spec, std::int64_t value) {
    return isInRange(spec, static_cast<double>(value));
}

std::optional<ParamValue> realValue(const ParamSpec& spec, const ParamValue& value) {
    std::optional<double> number;
    if (const auto* whole = std::get_if<std::int64_t>(&value)) {
        number = static_cast<double>(*whole);
    } else if (const auto* real = std::get_if<double>(&value)) {
        number = *real;
    }
    if (!number || !isInRange(spec, *number)) {
        return std::nullopt;
    }
    return *number;
}

std::optional<ParamValue> sizeValue(const ParamSpec& spec, const ParamValue& value) {
    std::optional<Size2> size;
    if (const auto* pair = std::get_if<Size2>(&value)) {
        size = *pair;
    } else if (const auto* side = std::get_if<std::int64_t>(&value)) {
        size = Size2{*side, *side};
    } else if (const auto* list = std::get_if<std::vector<std::int64_t>>(&value);
               list != nullptr && list->size() == 2) {
        size = Size2{list->front(), list->back()};
    }
    if (!size || !isInRange(spec, size->height) || !isInRange(spec, size->width)) {
        return std::nullopt;
    }
    return *size;
}

std::optional<ParamValue> listValue(const ParamSpec& spec, const ParamValue& value) {
    std::optional<std::vector<std::int64_t>> list;
    if (const auto* numbers = std::get_if<std::vector<std::int64_t>>(&value)) {
        list = *numbers;
    } else if (const auto* pair = std::get_if<Size2>(&value)) {
        list = std::vector{pair->height, pair->width};
    } else if (const auto* single = std::get_if<std::int64_t>(&value)) {
        list = std::vector{*single};
    }
    const auto fits = [&spec](std::int64_t number) { return isInRange(spec, number); };
    if (!list || !std::ranges::all_of(*list, fits)) {
        return std::nullopt;
    }
    return *list;
}

/// The value in its normal form, or nothing when it does not fit. None is handled before.
std::optional<ParamValue> normalised(const ParamSpec& spec, const ParamValue& value) {
    switch (spec.kind) {
    case ParamKind::Bool:
        return std::holds_alternative<bool>(value) ? std::optional(value) : std::nullopt;
    case ParamKind::Integer: {
        const auto* number = std::get_if<std::int64_t>(&value);
        return number != nullptr && isInRange(spec, *number) ? std::optional(value) : std::nullopt;
    }
    case ParamKind::Real:
        return realValue(spec, value);
    case ParamKind::Choice: {
        const auto* text = std::get_if<std::string>(&value);
        const bool known =
            text != nullptr && std::ranges::find(spec.choices, *text) != spec.choices.end();
        return known ? std::optional(value) : std::nullopt;
    }
    case ParamKind::Size:
        return sizeValue(spec, value);
    case ParamKind::IntegerList:
        return listValue(spec, value);
    case ParamKind::Text:
        return std::holds_alternative<std::string>(value) ? std::optional(value) : std::nullopt;
    }
    return std::nullopt;
}

std::string_view withoutBrackets(std::string_view text) {
    text = trimmed(text);
    if (text.size() >= 2 && ((text.front() == '(' && text.back() == ')') ||
                             (text.front() == '[' && text.back() == ']'))) {
        text = trimmed(text.substr(1, text.size() - 2));
    }
    return text;
}

std::string_view withoutQuotes(std::string_view text) {
    const bool quoted = text.size() >= 2 && text.front() == text.back() &&
                        (text.front() == '\'' || text.front() == '"');
    return quoted ? text.substr(1, text.size() - 2) : text;
}

bool isNoneText(std::string_view text) {
    return text.empty() || lowerCase(text) == "none";
}

/// Numbers between commas, blanks, "x" or "×"; None stands for an unknown extent (-1).
std::optional<std::vector<std::int64_t>> parsedList(std::string_view text) {
    std::string separated;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text.substr(i).starts_with("×")) {
            separated += ',';
            i += std::string_view("×").size() - 1;
        } else {
            separated += text[i] == 'x' || text[i] == ';' ? ',' : text[i];
        }
    }
    if (separated.ends_with(',')) {
        separated.pop_back();
    }
    if (separated.find(',') == std::string::npos) {
        std::ranges::replace(separated, ' ', ',');
    }
    std::vector<std::int64_t> numbers;
    for (const std::string& part : split(separated, ',')) {
        const std::string_view word = trimmed(part);
        const std::optional<std::int64_t> number = parseInteger(word);
        if (!number && !(lowerCase(word) == "none" || word == "?")) {
            return std::nullopt;
        }
        numbers.push_back(number.value_or(-1));
    }
    return numbers;
}

std::optional<ParamValue> parsedBool(std::string_view text) {
    const std::string word = lowerCase(text);
    if (word == "true" || word == "yes" || word == "1") {
        return true;
    }
    if (word == "false" || word == "no" || word == "0") {
        return false;
    }
    return std::nullopt;
}

template <typename T>
std::optional<ParamValue> asValue(const std::optional<T>& parsed) {
    return parsed ? std::optional<ParamValue>(*parsed) : std::nullopt;
}

std::optional<ParamValue> parsedByKind(const ParamSpec& spec, std::string_view text) {
    switch (spec.kind) {
    case ParamKind::Bool:
        return parsedBool(text);
    case ParamKind::Integer:
        return asValue(parseInteger(text));
    case ParamKind::Real:
        return asValue(parseReal(text));
    case ParamKind::Choice:
    case ParamKind::Text:
        return std::string(withoutQuotes(text));
    case ParamKind::Size: {
        const auto numbers = parsedList(withoutBrackets(text));
        if (numbers && numbers->size() == 1) {
            return numbers->front();
        }
        return asValue(numbers);
    }
    case ParamKind::IntegerList: {
        const std::string_view inner = withoutBrackets(text);
        return inner.empty() ? std::optional<ParamValue>(std::vector<std::int64_t>{})
                             : asValue(parsedList(inner));
    }
    }
    return std::nullopt;
}

std::string listText(const std::vector<std::int64_t>& list) {
    std::vector<std::string> parts;
    for (const std::int64_t number : list) {
        parts.push_back(std::to_string(number));
    }
    return join(parts, ", ");
}

} // namespace

const ParamValue& paramValue(const ParamMap& params, const ParamSpec& spec) {
    const auto found = params.find(spec.name);
    return found == params.end() ? spec.defaultValue : found->second;
}

Expected<ParamValue> checkedValue(const ParamSpec& spec, const ParamValue& value) {
    if (std::holds_alternative<None>(value) && spec.optional) {
        return value;
    }
    if (const std::optional<ParamValue> normal = normalised(spec, value)) {
        return *normal;
    }
    const auto* text = std::get_if<std::string>(&value);
    if (text != nullptr && spec.kind == ParamKind::Choice) {
        if (const auto meant = nearest(*text, spec.choices)) {
            return refused(spec, pythonText(value) + ". Did you mean '" + *meant + "'?");
        }
    }
    return refused(spec, pythonText(value));
}

Expected<ParamValue> parsedValue(const ParamSpec& spec, std::string_view text) {
    const std::string_view word = trimmed(text);
    if (spec.optional && isNoneText(word)) {
        return ParamValue{None{}};
    }
    const std::optional<ParamValue> parsed = parsedByKind(spec, word);
    if (!parsed) {
        return refused(spec, word.empty() ? "nothing" : "'" + std::string(word) + "'");
    }
    return checkedValue(spec, *parsed);
}

std::string pythonText(const ParamValue& value) {
    return std::visit(
        Overloaded{
            [](None) { return std::string("None"); },
            [](bool flag) { return std::string(flag ? "True" : "False"); },
            [](std::int64_t number) { return std::to_string(number); },
            [](double number) {
                const std::string text = numberText(number);
                const bool whole = text.find_first_not_of("-0123456789") == std::string::npos;
                return whole ? text + ".0" : text;
            },
            [](const std::string& text) { return "'" + text + "'"; },
            [](const Size2& size) {
                return "(" + std::to_string(size.height) + ", " + std::to_string(size.width) + ")";
            },
            [](const std::vector<std::int64_t>& list) {
                return "(" + listText(list) + (list.size() == 1 ? ",)" : ")");
            },
        },
        value);
}

std::string plainText(const ParamValue& value) {
    return std::visit(Overloaded{
                          [](None) { return std::string("none"); },
                          [](bool flag) { return std::string(flag ? "true" : "false"); },
                          [](std::int64_t number) { return std::to_string(number); },
                          [](double number) { return numberText(number); },
                          [](const std::string& text) { return text; },
                          [](const Size2& size) {
                              return std::to_string(size.height) + "×" + std::to_string(size.width);
                          },
                          [](const std::vector<std::int64_t>& list) { return listText(list); },
                      },
                      value);
}

std::string acceptedText(const ParamSpec& spec) {
    return withoutNone(spec) + (spec.optional ? ", or None" : "");
}

Expected<ParamMap> withParam(ParamMap params, const std::vector<ParamSpec>& specs,
                             std::string_view name, const ParamValue& value) {
    const ParamSpec* spec = findSpec(specs, name);
    if (spec == nullptr) {
        std::vector<std::string> names;
        for (const ParamSpec& known : specs) {
            names.push_back(known.name);
        }
        std::string message = "there is no argument '" + std::string(name) + "'";
        if (const auto meant = nearest(name, names)) {
            message += ". Did you mean '" + *meant + "'?";
        } else if (names.empty()) {
            message += "; none are accepted";
        } else {
            message += "; there are " + join(names, ", ");
        }
        return failure(ErrorCode::Usage, std::move(message));
    }
    Expected<ParamValue> checked = checkedValue(*spec, value);
    if (!checked) {
        return tl::unexpected(checked.error());
    }
    if (*checked == spec->defaultValue) {
        params.erase(spec->name);
    } else {
        params.insert_or_assign(spec->name, std::move(*checked));
    }
    return params;
}

const ParamSpec* findSpec(const std::vector<ParamSpec>& specs, std::string_view name) {
    const auto found = std::ranges::find(specs, name, &ParamSpec::name);
    return found == specs.end() ? nullptr : &*found;
}

} // namespace nn
