#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tests {

struct Include {
    std::string target;  ///< as written between the quotes or angle brackets
    bool quoted = false; ///< "..." and not <...>
    int line = 0;        ///< from 1
};

/// The text of a C++ file seen by the rules: comments and the content of strings do not count.
class SourceText {
public:
    explicit SourceText(std::string_view text);

    [[nodiscard]] const std::vector<Include>& includes() const { return m_includes; }
    /// Line by line, comments blank and strings empty.
    [[nodiscard]] const std::vector<std::string>& codeLines() const { return m_codeLines; }
    [[nodiscard]] bool hasPragmaOnce() const { return m_hasPragmaOnce; }

private:
    std::vector<Include> m_includes;
    std::vector<std::string> m_codeLines;
    bool m_hasPragmaOnce = false;
};

} // namespace tests
