#pragma once

#include <cstdint>

namespace nn {

/// Whether a gradient replaces what is in its span or is added to it.
enum class Write : std::uint8_t { Assign, Add };

/// What a product applies to its result before storing it.
enum class FusedActivation : std::uint8_t { None, Relu };

} // namespace nn
