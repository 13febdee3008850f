#include "nn/io/python_text.h"

#include "nn/base/text.h"

#include <algorithm>
#include <array>

namespace nn::io {
namespace {

constexpr std::size_t kLineLength = 88;
constexpr std::size_t kIndent = 4;

constexpr std::array<std::string_view, 35> kKeywords{
    "False", "None",     "True",  "and",    "as",   "assert", "async",  "await",    "break",
    "class", "continue", "def",   "del",    "elif", "else",   "except", "finally",  "for",
    "from",  "global",   "if",    "import", "in",   "is",     "lambda", "nonlocal", "not",
    "or",    "pass",     "raise", "return", "try",  "while",  "with",   "yield"};

bool isLetter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool isDigit(char c) {
    return c >= '0' && c <= '9';
}

std::string escaped(char c) {
    constexpr std::string_view kHex = "0123456789abcdef";
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\\' || c == '\'') {
        return {'\\', c};
    }
    if (c == '\n') {
        return "\\n";
    }
    if (byte < 0x20 || byte == 0x7f) {
        return {'\\', 'x', kHex[byte >> 4U], kHex[byte & 0xfU]};
    }
    return {c};
}

} // namespace

std::string pythonString(std::string_view text) {
    std::string literal = "'";
    for (const char c : text) {
        literal += escaped(c);
    }
    return literal + "'";
}

std::string PythonNames::free(std::string_view wanted) {
    std::string name;
    for (const char c : wanted) {
        name += isLetter(c) || isDigit(c) ? c : '_';
    }
    if (name.empty() || isDigit(name.front())) {
        name.insert(0, "x_");
    }
    if (std::ranges::find(kKeywords, name) != kKeywords.end()) {
        name += '_';
    }
    std::string unique = name;
    for (int number = 2; !m_taken.insert(unique).second; ++number) {
        unique = name + "_" + std::to_string(number);
    }
    return unique;
}

PythonCall& PythonCall::add(std::string_view name, const std::string& value) {
    arguments.push_back(std::string(name) + "=" + value);
    return *this;
}

std::string PythonCall::text(std::size_t column, std::size_t indent) const {
    const std::string line = function + "(" + join(arguments, ", ") + ")";
    const bool isOneLine = line.find('\n') == std::string::npos;
    if (arguments.empty() || (isOneLine && column + line.size() <= kLineLength)) {
        return line;
    }
    const std::string inner(indent + kIndent, ' ');
    std::string text = function + "(\n";
    for (const std::string& argument : arguments) {
        text += inner + argument + ",\n";
    }
    return text + std::string(indent, ' ') + ")";
}

} // namespace nn::io
