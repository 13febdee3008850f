#pragma once

#include "nn/model/param.h"

#include <string>
#include <string_view>
#include <vector>

namespace nn {

/// One class of a family of objects, such as the initializer HeNormal. Choice, form, checks, files
/// and help come from it; the code that runs it lives beside its definition.
struct ObjectDef {
    std::string type = {};                 ///< Keras' class name: "HeNormal".
    std::vector<std::string> aliases = {}; ///< Keras' short names: "he_normal". May be none.
    std::string title = {};                ///< A few words for a list of choices.
    std::string help = {};                 ///< One or two sentences for a person who learns.
    std::vector<ParamSpec> params = {};
    /// How many axes a variable must have to be given one of these.
    std::size_t minRank = 0;
    std::size_t maxRank = std::numeric_limits<std::size_t>::max();
    bool operator==(const ObjectDef&) const = default;
};

/// Classes that can stand in the same place. A constant; `ParamSpec` points to it.
struct ObjectFamily {
    std::string_view name = {};   ///< "initializer"
    std::string_view phrase = {}; ///< For sentences: "an initializer"
    /// Where Keras keeps the classes: "keras.initializers".
    std::string_view module = {};
    const std::vector<ObjectDef>& (*defs)() = nullptr;
};

/// The class of any spelling: "HeNormal", "he_normal", "keras.initializers.HeNormal"; or nullptr.
[[nodiscard]] const ObjectDef* findObjectDef(const ObjectFamily& family, std::string_view spelling);

/// The shortest name of a class: its first alias, or its class name.
[[nodiscard]] const std::string& shortName(const ObjectDef& def);

/// The object in its normal form: class name, checked arguments, none that equals its default but
/// those that are required. The error names the argument.
[[nodiscard]] Expected<ParamObject> checkedObject(const ObjectFamily& family,
                                                  const ParamObject& object);
/// Reads "he_normal", "HeNormal()", "HeNormal(seed=1)", "keras.initializers.HeNormal(1)".
[[nodiscard]] Expected<ParamObject> parsedObject(const ObjectFamily& family, std::string_view text);

/// An object with all arguments of its class at their defaults.
[[nodiscard]] ParamObject defaultObject(const ObjectDef& def);

} // namespace nn
