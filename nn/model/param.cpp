#include "nn/model/param.h"

#include "nn/base/text.h"
#include "nn/model/object_def.h"

#include <algorithm>
#include <cmath>

namespace nn {
namespace {

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

bool fitsCount(const ParamSpec& spec, std::size_t count) {
    return count >= spec.minCount && count <= spec.maxCount;
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
    if (!list || !fitsCount(spec, list->size()) || !std::ranges::all_of(*list, fits)) {
        return std::nullopt;
    }
    return *list;
}

std::optional<ParamValue> realListValue(const ParamSpec& spec, const ParamValue& value) {
    std::optional<std::vector<double>> list;
    if (const auto* numbers = std::get_if<std::vector<double>>(&value)) {
        list = *numbers;
    } else if (const auto* whole = std::get_if<std::vector<std::int64_t>>(&value)) {
        list.emplace(whole->begin(), whole->end());
    } else if (const auto* pair = std::get_if<Size2>(&value)) {
        list = {static_cast<double>(pair->height), static_cast<double>(pair->width)};
    } else if (const auto* real = std::get_if<double>(&value)) {
        list = std::vector{*real};
    } else if (const auto* single = std::get_if<std::int64_t>(&value)) {
        list = std::vector{static_cast<double>(*single)};
    }
    const auto fits = [&spec](double number) { return isInRange(spec, number); };
    if (!list || !fitsCount(spec, list->size()) || !std::ranges::all_of(*list, fits)) {
        return std::nullopt;
    }
    return *list;
}

std::optional<ParamValue> bordersValue(const ParamSpec& spec, const ParamValue& value) {
    std::optional<Borders> borders;
    if (const auto* all = std::get_if<Borders>(&value)) {
        borders = *all;
    } else if (const auto* side = std::get_if<std::int64_t>(&value)) {
        borders = Borders{*side, *side, *side, *side};
    } else if (const auto* pair = std::get_if<Size2>(&value)) {
        borders = Borders{pair->height, pair->height, pair->width, pair->width};
    } else if (const auto* list = std::get_if<std::vector<std::int64_t>>(&value);
               list != nullptr && list->size() == 2) {
        borders = Borders{list->front(), list->front(), list->back(), list->back()};
    }
    const auto fits = [&spec](std::int64_t number) { return isInRange(spec, number); };
    if (!borders || !fits(borders->top) || !fits(borders->bottom) || !fits(borders->left) ||
        !fits(borders->right)) {
        return std::nullopt;
    }
    return *borders;
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
    case ParamKind::RealList:
        return realListValue(spec, value);
    case ParamKind::Borders:
        return bordersValue(spec, value);
    case ParamKind::Object:
        return std::nullopt; // handled before
    case ParamKind::Text:
        return std::holds_alternative<std::string>(value) ? std::optional(value) : std::nullopt;
    }
    return std::nullopt;
}

/// The object that a value means where objects are allowed: itself, or the class a text names.
std::optional<ParamObject> objectOf(const ParamSpec& spec, const ParamValue& value) {
    if (spec.family == nullptr) {
        return std::nullopt;
    }
    if (const auto* object = std::get_if<ParamObject>(&value)) {
        return *object;
    }
    const auto* text = std::get_if<std::string>(&value);
    return text == nullptr ? std::nullopt : std::optional<ParamObject>(*text);
}

} // namespace

ParamValue::ParamValue() noexcept = default;
ParamValue::ParamValue(const ParamValue& other) = default;
ParamValue::ParamValue(ParamValue&& other) noexcept = default;
ParamValue& ParamValue::operator=(const ParamValue& other) = default;
ParamValue& ParamValue::operator=(ParamValue&& other) noexcept = default;
ParamValue::~ParamValue() = default;

bool ParamValue::isEqual(const ParamValue& other) const {
    return static_cast<const Variant&>(*this) == static_cast<const Variant&>(other);
}

ParamObject::ParamObject(std::string type) : m_type(std::move(type)) {}

ParamObject::ParamObject(std::string type, ParamMap params) : m_type(std::move(type)) {
    if (!params.empty()) {
        m_params = std::make_shared<const ParamMap>(std::move(params));
    }
}

const ParamMap& ParamObject::params() const {
    static const ParamMap none;
    return m_params == nullptr ? none : *m_params;
}

bool ParamObject::operator==(const ParamObject& other) const {
    return m_type == other.m_type && params() == other.params();
}

const ParamValue& paramValue(const ParamMap& params, const ParamSpec& spec) {
    const auto found = params.find(spec.name);
    return found == params.end() ? spec.defaultValue : found->second;
}

Expected<ParamValue> checkedValue(const ParamSpec& spec, const ParamValue& value) {
    if (std::holds_alternative<None>(value) && spec.optional) {
        return value;
    }
    if (const std::optional<ParamObject> object = objectOf(spec, value)) {
        const Expected<ParamObject> checked = checkedObject(*spec.family, *object);
        return checked ? Expected<ParamValue>(*checked) : failure(checked.error(), spec.name);
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
