#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tests {

/// A line of a source file that breaks a rule of the architecture.
struct Violation {
    std::string file;
    int line = 0;
    std::string rule;

    bool operator==(const Violation&) const = default;
};

/// The violations in one source file; `path` is relative to the repository, with `/`.
[[nodiscard]] std::vector<Violation> sourceViolations(std::string_view path, std::string_view text);

/// "nn/base/text.h:3: nn must not include Qt".
[[nodiscard]] std::string describe(const Violation& violation);

} // namespace tests
