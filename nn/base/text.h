#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace nn {

/// A whole number with commas between thousands: 975837514 → "975,837,514".
[[nodiscard]] std::string withThousands(std::int64_t value);

/// A number of bytes for people, base 1024, two decimals: "136.04 KB".
[[nodiscard]] std::string byteText(std::int64_t bytes);

/// A large count with a unit prefix, base 1000, three digits: 34826 → "34.8 k".
[[nodiscard]] std::string countText(double value);

/// The shortest decimal text that reads back as the same number, in the C locale.
[[nodiscard]] std::string numberText(double value);

/// Reads a whole text as a number in the C locale; nothing when any character is left over.
[[nodiscard]] std::optional<double> parseReal(std::string_view text);
[[nodiscard]] std::optional<std::int64_t> parseInteger(std::string_view text);

[[nodiscard]] std::vector<std::string> split(std::string_view text, char separator);
[[nodiscard]] std::string join(const std::vector<std::string>& parts, std::string_view separator);
[[nodiscard]] std::string_view trimmed(std::string_view text);
[[nodiscard]] std::string lowerCase(std::string_view text);

/// Keras' snake case of a class name: "MaxPooling2D" → "max_pooling2d", "ReLU" → "re_lu".
[[nodiscard]] std::string snakeCase(std::string_view className);

/// The candidate nearest to a mistyped word by edit distance, or nothing when none is near.
[[nodiscard]] std::optional<std::string> nearest(std::string_view word,
                                                 const std::vector<std::string>& candidates);

} // namespace nn
