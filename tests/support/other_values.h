#pragma once

#include "nn/model/param.h"

#include <vector>

namespace tests {

/// A value an argument accepts that is not its default; None where there is none.
[[nodiscard]] nn::ParamValue otherValue(const nn::ParamSpec& spec);
/// Values an argument must refuse.
[[nodiscard]] std::vector<nn::ParamValue> wrongValues(const nn::ParamSpec& spec);

} // namespace tests
