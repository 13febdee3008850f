#pragma once

#include <string_view>
#include <vector>

namespace nn {

/// Parts between separators that stand outside of all brackets, without blanks around them.
[[nodiscard]] std::vector<std::string_view> outerParts(std::string_view text,
                                                       std::string_view separator);

} // namespace nn
