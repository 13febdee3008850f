#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace nn::io {

/// A text as a Python string literal, whatever characters it has.
[[nodiscard]] std::string pythonString(std::string_view text);

/// Gives out Python variable names, each once: "conv2d", "conv2d_2", …
class PythonNames {
public:
    /// `taken`: names the program uses otherwise.
    explicit PythonNames(std::set<std::string> taken) : m_taken(std::move(taken)) {}
    /// The nearest free name to a wanted one; letters, digits and underscores only.
    [[nodiscard]] std::string free(std::string_view wanted);

private:
    std::set<std::string> m_taken;
};

/// A call as Python writes it: on one line where it fits, else one argument on each.
struct PythonCall {
    std::string function = {};
    std::vector<std::string> arguments = {}; ///< "filters=32"

    PythonCall& add(std::string_view name, const std::string& value);
    /// `column`: how far the first line is indented, with what stands before the call; `indent`:
    /// of the line it stands on.
    [[nodiscard]] std::string text(std::size_t column = 0, std::size_t indent = 0) const;
};

} // namespace nn::io
