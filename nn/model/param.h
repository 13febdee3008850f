#pragma once

#include "nn/base/error.h"

#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace nn {

/// A pair (height, width), Keras' order.
struct Size2 {
    std::int64_t height = 1;
    std::int64_t width = 1;
    bool operator==(const Size2&) const = default;
};

/// Keras' None: no value was given.
struct None {
    bool operator==(const None&) const = default;
};

/// What is added to or cut from the four sides of an image: Keras' ((top, bottom), (left, right)).
struct Borders {
    std::int64_t top = 0;
    std::int64_t bottom = 0;
    std::int64_t left = 0;
    std::int64_t right = 0;
    bool operator==(const Borders&) const = default;
};

struct ParamValue;
struct ObjectFamily; // nn/model/object_def.h

/// Argument name → value. Holds only what differs from the default, so equal meanings are equal
/// maps.
using ParamMap = std::map<std::string, ParamValue, std::less<>>;

/// An object with arguments of its own, such as HeNormal(seed=1). A value: immutable and shared.
class ParamObject {
public:
    explicit ParamObject(std::string type);
    ParamObject(std::string type, ParamMap params);

    /// Keras' class name: "HeNormal".
    [[nodiscard]] const std::string& type() const { return m_type; }
    /// What differs from the defaults, and what the class requires.
    [[nodiscard]] const ParamMap& params() const;

    bool operator==(const ParamObject& other) const;

private:
    std::string m_type;
    std::shared_ptr<const ParamMap> m_params; ///< Null: no arguments.
};

/// The value of one argument of a layer, optimizer, loss…
/// Its copies and destructor live in one source: made anew in the hundreds of sources that use
/// them, they would be a third of the time the engine takes to compile.
struct ParamValue
    : std::variant<None, bool, std::int64_t, double, std::string, Size2, std::vector<std::int64_t>,
                   std::vector<double>, Borders, ParamObject> {
    using Variant = variant;
    using Variant::Variant;

    ParamValue() noexcept;
    ParamValue(const ParamValue& other);
    ParamValue(ParamValue&& other) noexcept;
    ParamValue& operator=(const ParamValue& other);
    ParamValue& operator=(ParamValue&& other) noexcept;
    ~ParamValue();

    friend bool operator==(const ParamValue& a, const ParamValue& b) { return a.isEqual(b); }
    /// Values have no order; that of variants would fail to compile where Qt asks for one.
    friend bool operator<(const ParamValue& a, const ParamValue& b) = delete;

private:
    [[nodiscard]] bool isEqual(const ParamValue& other) const;
};

/// A number, or an object that computes it: a learning rate or its schedule.
using RealOrObject = std::variant<double, ParamObject>;

enum class ParamKind {
    Bool,
    Integer,
    Real, ///< With a family, also one of its objects.
    Choice,
    Size,
    IntegerList,
    RealList,
    Borders, ///< One number, a pair or a pair of pairs.
    Object,  ///< One of a family's classes with its own arguments.
    Text,
};

/// Everything there is to say about one argument; editor, checks, help and files come from it.
struct ParamSpec {
    std::string name = {}; ///< Keras' spelling: "kernel_size".
    ParamKind kind = ParamKind::Integer;
    ParamValue defaultValue = {};
    bool optional = false; ///< None is allowed.
    double min = -std::numeric_limits<double>::infinity();
    double max = std::numeric_limits<double>::infinity();
    bool minExclusive = false;
    bool maxExclusive = false;
    double step = 0.0; ///< Of the editor; 0 lets the editor choose.
    std::vector<std::string> choices = {};
    const ObjectFamily* family = nullptr; ///< Of an Object, or of a Real that may be one.
    std::size_t minCount = 0;             ///< Of a list.
    std::size_t maxCount = std::numeric_limits<std::size_t>::max();
    std::string unit = {};
    std::string help = {}; ///< One or two sentences for a person who learns.
    /// Shown only when another argument has this value: {"momentum", …}. Empty name: always.
    std::string shownWhenParam = {};
    ParamValue shownWhenNot = {}; ///< The other argument's value for which this one is hidden.
    /// Structural arguments that Keras requires (filters, units); always written to files.
    bool required = false;

    bool operator==(const ParamSpec&) const = default;
};

/// The value of an argument: the one given or the default.
[[nodiscard]] const ParamValue& paramValue(const ParamMap& params, const ParamSpec& spec);

/// Checks kind, choice and range, and normalises (3 → (3, 3) for a size, 1 → 1.0 for a real,
/// 'he_normal' → HeNormal() for an object).
/// The error names the argument, what was expected and what was received.
[[nodiscard]] Expected<ParamValue> checkedValue(const ParamSpec& spec, const ParamValue& value);

/// Reads what a person types: "3", "3, 5", "(3, 3)", "0.5", "1e-3", "same", "None", "true",
/// "((1, 2), (3, 4))", "he_normal", "HeNormal(seed=1)".
[[nodiscard]] Expected<ParamValue> parsedValue(const ParamSpec& spec, std::string_view text);

/// As Keras code would show it: "(3, 3)", "'same'", "None", "True", "HeNormal(seed=1)",
/// "'he_normal'".
[[nodiscard]] std::string pythonText(const ParamValue& value);
/// For forms and canvas: "3×3", "same", "none", "0.001".
[[nodiscard]] std::string plainText(const ParamValue& value);

/// What the argument accepts, for messages and tool tips: "a whole number from 1 to 65,536".
[[nodiscard]] std::string acceptedText(const ParamSpec& spec);

/// Sets an argument; erases it when the value equals the default. The map stays canonical.
[[nodiscard]] Expected<ParamMap> withParam(ParamMap params, const std::vector<ParamSpec>& specs,
                                           std::string_view name, const ParamValue& value);

[[nodiscard]] const ParamSpec* findSpec(const std::vector<ParamSpec>& specs, std::string_view name);

} // namespace nn
