#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

namespace nn::data {

/// The bytes of `resources/data/<name>` inside the program; empty when there is no such file.
[[nodiscard]] std::span<const std::byte> embeddedFile(std::string_view name);

/// The names of all embedded files, sorted.
[[nodiscard]] std::vector<std::string_view> embeddedFileNames();

} // namespace nn::data
