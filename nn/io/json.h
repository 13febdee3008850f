#pragma once

#include "nn/base/error.h"
#include "nn/model/param.h"

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace nn::io {

/// Keeps members in the order they were written, so that equal projects are equal bytes.
using Json = nlohmann::ordered_json;

/// Reads a text as JSON. Refuses more than 64 MiB, nesting deeper than 64 and members given
/// twice; errors say at which line and column.
[[nodiscard]] Expected<Json> parsedJson(std::string_view text);

/// A parameter's value as JSON: None is null, a size is [height, width].
[[nodiscard]] Json toJson(const ParamValue& value);

/// The value of a parameter from JSON, checked against what the parameter accepts.
[[nodiscard]] Expected<ParamValue> paramFromJson(const ParamSpec& spec, const Json& json);

/// Arguments that differ from their defaults, and those that are required, in written order.
[[nodiscard]] Json toJson(const ParamMap& params, const std::vector<ParamSpec>& specs);

/// All arguments of an object; unknown names and bad values are refused by name.
[[nodiscard]] Expected<ParamMap> paramsFromJson(const std::vector<ParamSpec>& specs,
                                                const Json& json);

/// A member of an object, checked for its type; the error names the member and what it is.
[[nodiscard]] Expected<std::string> textMember(const Json& object, const char* name);
[[nodiscard]] Expected<std::int64_t> integerMember(const Json& object, const char* name);
[[nodiscard]] Expected<double> realMember(const Json& object, const char* name);

} // namespace nn::io
