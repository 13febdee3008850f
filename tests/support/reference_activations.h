#pragma once

#include "tests/support/reference_kernels.h"

#include <string>

namespace reference {

/// An activation function by Keras' name, over rows of `channels` values; glu halves the rows.
[[nodiscard]] Values activated(const std::string& name, std::int64_t channels, Values x);

} // namespace reference
