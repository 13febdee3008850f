#include "nn/model/param.h"

#include "nn/base/text.h"
#include "nn/model/object_def.h"

#include <algorithm>

namespace nn {
namespace {

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

/// Real numbers between commas.
std::optional<ParamValue> parsedReals(std::string_view text) {
    std::vector<double> numbers;
    if (text.ends_with(',')) {
        text.remove_suffix(1);
    }
    if (trimmed(text).empty()) {
        return numbers;
    }
    for (const std::string& part : split(text, ',')) {
        const std::optional<double> number = parseReal(trimmed(part));
        if (!number) {
            return std::nullopt;
        }
        numbers.push_back(*number);
    }
    return numbers;
}

/// "1", "(1, 2)" or "((1, 2), (3, 4))"; without brackets also "1, 2, 3, 4".
std::optional<ParamValue> parsedBorders(std::string_view text) {
    std::string flat;
    for (const char c : text) {
        flat += c == '(' || c == ')' || c == '[' || c == ']' ? ' ' : c;
    }
    const auto numbers = parsedList(trimmed(flat));
    if (!numbers) {
        return std::nullopt;
    }
    if (numbers->size() == 4) {
        return Borders{(*numbers)[0], (*numbers)[1], (*numbers)[2], (*numbers)[3]};
    }
    return numbers->size() == 1 ? ParamValue(numbers->front()) : ParamValue(*numbers);
}

std::optional<ParamValue> parsedByKind(const ParamSpec& spec, std::string_view text) {
    switch (spec.kind) {
    case ParamKind::Bool:
        return parsedBool(text);
    case ParamKind::Integer:
        return asValue(parseInteger(text));
    case ParamKind::RealList:
        return parsedReals(withoutBrackets(text));
    case ParamKind::Borders:
        return parsedBorders(text);
    case ParamKind::Object:
        return std::nullopt; // handled before
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

} // namespace

Expected<ParamValue> parsedValue(const ParamSpec& spec, std::string_view text) {
    const std::string_view word = trimmed(text);
    if (spec.optional && isNoneText(word)) {
        return ParamValue{None{}};
    }
    const bool mayBeObject = spec.family != nullptr && !word.empty();
    if (mayBeObject && (spec.kind == ParamKind::Object || !parseReal(word))) {
        const Expected<ParamObject> object = parsedObject(*spec.family, word);
        return object ? Expected<ParamValue>(*object) : failure(object.error(), spec.name);
    }
    const std::optional<ParamValue> parsed = parsedByKind(spec, word);
    if (!parsed) {
        const std::string received = word.empty() ? "nothing" : "'" + std::string(word) + "'";
        return failure(ErrorCode::Usage,
                       spec.name + ": expected " + acceptedText(spec) + ", received " + received);
    }
    return checkedValue(spec, *parsed);
}

} // namespace nn
