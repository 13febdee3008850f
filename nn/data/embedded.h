#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace nn::data {

/// The file of that name in resources/data, built into the program; empty when there is none.
[[nodiscard]] std::span<const std::byte> embeddedFile(std::string_view name);

} // namespace nn::data
