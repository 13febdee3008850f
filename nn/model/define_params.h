#pragma once

#include "nn/model/param.h"

#include <algorithm>
#include <array>
#include <concepts>
#include <functional>
#include <optional>
#include <span>
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

template <typename Text, std::size_t n>
constexpr std::array<std::string_view, n> asViews(const std::array<Text, n>& texts) {
    std::array<std::string_view, n> views{};
    std::copy(texts.begin(), texts.end(), views.begin());
    return views;
}

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

/// A whole number stands for a real one too, as in Python: settings made by hand hold either.
[[nodiscard]] double realOf(const ParamValue& value);

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
            member = realOf(value);
        }
    } else if constexpr (std::same_as<T, bool>) {
        member = std::get<bool>(value);
    } else if constexpr (std::integral<T>) {
        member = static_cast<T>(std::get<std::int64_t>(value));
    } else if constexpr (std::floating_point<T>) {
        member = static_cast<T>(realOf(value));
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

/// The arguments of a class and how each is put into its options, whatever their type is.
class ParamTableBase {
public:
    [[nodiscard]] const std::vector<ParamSpec>& specs() const { return m_specs; }

protected:
    /// Puts a value into the options behind the pointer.
    using Assign = std::function<void(void* options, const ParamValue& value)>;

    ParamTableBase();
    ParamTableBase(const ParamTableBase& other);
    ParamTableBase(ParamTableBase&& other) noexcept;
    ParamTableBase& operator=(const ParamTableBase& other);
    ParamTableBase& operator=(ParamTableBase&& other) noexcept;
    ~ParamTableBase();

    /// What the type of a member says about its argument.
    struct MemberType {
        ParamKind kind = ParamKind::Integer;
        bool optional = false;
        std::span<const std::string_view> choices = {};
    };
    void add(std::string name, const MemberType& type, ParamValue defaultValue,
             ParamDetail&& detail, Assign assign);
    /// Puts the values given into options that hold the defaults.
    void assignGiven(void* options, const ParamMap& params) const;

private:
    std::vector<ParamSpec> m_specs;
    std::vector<Assign> m_assign;
};

/// Ties the members of an options struct to their `ParamSpec`s. Members may be bool, an integer
/// type, a floating type, std::string, Size2, Borders, std::vector<std::int64_t>,
/// std::vector<double>, ParamObject or RealOrObject (with a family), an enumeration with
/// `ChoiceNames`, or std::optional of these (None allowed).
template <typename Options>
class ParamTable : public ParamTableBase {
public:
    ParamTable() = default;

    template <typename T>
    void add(T Options::*member, std::string name, ParamDetail&& detail) {
        add(
            [member](auto& options) -> auto& { return options.*member; }, std::move(name),
            std::move(detail));
    }

    /// `part` gives a reference to the part of the options that the argument fills.
    template <std::invocable<Options&> Part>
    requires(!std::is_member_pointer_v<Part>) void add(Part part, std::string name,
                                                       ParamDetail&& detail) {
        using T = std::remove_cvref_t<std::invoke_result_t<Part, Options&>>;
        using Held = typename detail::Unwrapped<T>::Type;
        const Options defaults{};
        MemberType type{.kind = detail::kindOf<T>(!detail.choices.empty()),
                        .optional = detail::IsOptional<T>::value};
        if constexpr (std::is_enum_v<Held>) {
            static constexpr auto names = detail::asViews(ChoiceNames<Held>::names);
            type.choices = names;
        }
        ParamTableBase::add(std::move(name), type, detail::toParamValue(part(defaults)),
                            std::move(detail), [part](void* options, const ParamValue& value) {
                                detail::assignParam(part(*static_cast<Options*>(options)), value);
                            });
    }

    /// The options a (checked) map of arguments stands for.
    [[nodiscard]] Options options(const ParamMap& params) const {
        Options options;
        assignGiven(&options, params);
        return options;
    }
};

} // namespace nn
