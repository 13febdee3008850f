#pragma once

#include "nn/model/param.h"

#include <concepts>
#include <functional>
#include <optional>
#include <type_traits>

namespace nn {

/// How an enumeration is spelt in files and forms: specialise with `static constexpr std::array
/// names`, in the order of the enumerators.
template <typename E>
struct ChoiceNames;

/// What is said about a member of an options struct besides its type and default.
struct ParamDetail {
    double min = -std::numeric_limits<double>::infinity();
    double max = std::numeric_limits<double>::infinity();
    bool minExclusive = false;
    bool maxExclusive = false;
    double step = 0.0;
    std::vector<std::string> choices = {};
    const ObjectFamily* family = nullptr;
    std::size_t minCount = 0;
    std::size_t maxCount = std::numeric_limits<std::size_t>::max();
    std::string unit = {};
    std::string help = {};
    std::string shownWhenParam = {};
    ParamValue shownWhenNot = {};
    bool required = false;
};

namespace detail {

template <typename T>
struct IsOptional : std::false_type {};
template <typename T>
struct IsOptional<std::optional<T>> : std::true_type {};

template <typename T>
ParamValue toParamValue(const T& value) {
    if constexpr (IsOptional<T>::value) {
        return value ? toParamValue(*value) : ParamValue{None{}};
    } else if constexpr (std::is_enum_v<T>) {
        return std::string(ChoiceNames<T>::names[static_cast<std::size_t>(value)]);
    } else if constexpr (std::same_as<T, RealOrObject>) {
        return std::visit([](const auto& held) { return ParamValue{held}; }, value);
    } else if constexpr (std::same_as<T, bool>) {
        return value;
    } else if constexpr (std::integral<T>) {
        return static_cast<std::int64_t>(value);
    } else if constexpr (std::floating_point<T>) {
        return static_cast<double>(value);
    } else {
        return value;
    }
}

/// Reads a checked value into a member; the value's kind fits by construction of the spec.
template <typename T>
void assignParam(T& member, const ParamValue& value) {
    if constexpr (IsOptional<T>::value) {
        if (std::holds_alternative<None>(value)) {
            member.reset();
        } else {
            using Inner = typename T::value_type;
            if constexpr (std::default_initializable<Inner>) {
                assignParam(member.emplace(), value);
            } else {
                member = std::get<Inner>(value);
            }
        }
    } else if constexpr (std::is_enum_v<T>) {
        const std::string& text = std::get<std::string>(value);
        for (std::size_t i = 0; i < ChoiceNames<T>::names.size(); ++i) {
            if (ChoiceNames<T>::names[i] == text) {
                member = static_cast<T>(i);
            }
        }
    } else if constexpr (std::same_as<T, RealOrObject>) {
        if (const auto* object = std::get_if<ParamObject>(&value)) {
            member = *object;
        } else {
            member = std::get<double>(value);
        }
    } else if constexpr (std::same_as<T, bool>) {
        member = std::get<bool>(value);
    } else if constexpr (std::integral<T>) {
        member = static_cast<T>(std::get<std::int64_t>(value));
    } else if constexpr (std::floating_point<T>) {
        member = static_cast<T>(std::get<double>(value));
    } else {
        member = std::get<T>(value);
    }
}

template <typename T>
struct Unwrapped {
    using Type = T;
};
template <typename T>
struct Unwrapped<std::optional<T>> {
    using Type = T;
};

template <typename T>
constexpr ParamKind kindOf(bool hasChoices) {
    using U = typename Unwrapped<T>::Type;
    if constexpr (std::is_enum_v<U>) {
        return ParamKind::Choice;
    } else if constexpr (std::same_as<U, bool>) {
        return ParamKind::Bool;
    } else if constexpr (std::integral<U>) {
        return ParamKind::Integer;
    } else if constexpr (std::floating_point<U> || std::same_as<U, RealOrObject>) {
        return ParamKind::Real;
    } else if constexpr (std::same_as<U, Size2>) {
        return ParamKind::Size;
    } else if constexpr (std::same_as<U, std::vector<std::int64_t>>) {
        return ParamKind::IntegerList;
    } else if constexpr (std::same_as<U, std::vector<double>>) {
        return ParamKind::RealList;
    } else if constexpr (std::same_as<U, Borders>) {
        return ParamKind::Borders;
    } else if constexpr (std::same_as<U, ParamObject>) {
        return ParamKind::Object;
    } else {
        return hasChoices ? ParamKind::Choice : ParamKind::Text;
    }
}

} // namespace detail

/// Ties the members of an options struct to their `ParamSpec`s. Members may be bool, an integer
/// type, a floating type, std::string, Size2, Borders, std::vector<std::int64_t>,
/// std::vector<double>, ParamObject or RealOrObject (with a family), an enumeration with
/// `ChoiceNames`, or std::optional of these (None allowed).
template <typename Options>
class ParamTable {
public:
    template <typename T>
    void add(T Options::*member, std::string name, ParamDetail detail) {
        add(
            [member](auto& options) -> auto& { return options.*member; }, std::move(name),
            std::move(detail));
    }

    /// `part` gives a reference to the part of the options that the argument fills.
    template <std::invocable<Options&> Part>
    requires(!std::is_member_pointer_v<Part>) void add(Part part, std::string name,
                                                       ParamDetail detail) {
        using T = std::remove_cvref_t<std::invoke_result_t<Part, Options&>>;
        const Options defaults{};
        ParamSpec spec;
        spec.name = std::move(name);
        spec.kind = detail::kindOf<T>(!detail.choices.empty());
        spec.defaultValue = detail::toParamValue(part(defaults));
        spec.optional = detail::IsOptional<T>::value;
        spec.min = detail.min;
        spec.max = detail.max;
        spec.minExclusive = detail.minExclusive;
        spec.maxExclusive = detail.maxExclusive;
        spec.step = detail.step;
        spec.choices = std::move(detail.choices);
        if constexpr (std::is_enum_v<typename detail::Unwrapped<T>::Type>) {
            // Choices given are those of the names that are allowed here.
            const auto& names = ChoiceNames<typename detail::Unwrapped<T>::Type>::names;
            if (spec.choices.empty()) {
                spec.choices.assign(names.begin(), names.end());
            }
        }
        spec.family = detail.family;
        spec.minCount = detail.minCount;
        spec.maxCount = detail.maxCount;
        spec.unit = std::move(detail.unit);
        spec.help = std::move(detail.help);
        spec.shownWhenParam = std::move(detail.shownWhenParam);
        spec.shownWhenNot = std::move(detail.shownWhenNot);
        spec.required = detail.required;
        m_specs.push_back(std::move(spec));
        m_assign.push_back([part](Options& options, const ParamValue& value) {
            detail::assignParam(part(options), value);
        });
    }

    [[nodiscard]] const std::vector<ParamSpec>& specs() const { return m_specs; }

    /// The options a (checked) map of arguments stands for.
    [[nodiscard]] Options options(const ParamMap& params) const {
        Options options;
        for (std::size_t i = 0; i < m_specs.size(); ++i) {
            m_assign[i](options, paramValue(params, m_specs[i]));
        }
        return options;
    }

private:
    std::vector<ParamSpec> m_specs = {};
    std::vector<std::function<void(Options&, const ParamValue&)>> m_assign;
};

} // namespace nn
