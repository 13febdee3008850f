#include "tests/support/source_text.h"

#include <QRegularExpression>
#include <algorithm>
#include <cctype>
#include <sstream>

namespace tests {

namespace {

std::size_t endOr(std::string_view text, std::size_t found, std::size_t extra) {
    return found == std::string_view::npos ? text.size() : found + extra;
}

/// The position behind the string or character that begins at `begin` with a quote.
std::size_t endOfQuoted(std::string_view text, std::size_t begin) {
    std::size_t i = begin + 1;
    while (i < text.size() && text[i] != text[begin] && text[i] != '\n') {
        i += text[i] == '\\' ? 2 : 1;
    }
    return std::min(i + 1, text.size());
}

/// The position behind the raw string whose opening quote is at `quote`.
std::size_t endOfRawString(std::string_view text, std::size_t quote) {
    const std::size_t open = text.find('(', quote);
    if (open == std::string_view::npos) {
        return text.size();
    }
    const std::string close = ")" + std::string(text.substr(quote + 1, open - quote - 1)) + "\"";
    return endOr(text, text.find(close, open), close.size());
}

bool isDigitSeparator(std::string_view text, std::size_t i) {
    return text[i] == '\'' && i > 0 && std::isxdigit(static_cast<unsigned char>(text[i - 1])) != 0;
}

void keepLineBreaks(std::string_view skipped, std::string& code) {
    code.append(static_cast<std::size_t>(std::ranges::count(skipped, '\n')), '\n');
}

bool onIncludeLine(const std::string& code) {
    static const QRegularExpression include(R"(^\s*#\s*include\s*$)");
    const std::string line = code.substr(code.rfind('\n') + 1);
    return include.match(QString::fromStdString(line)).hasMatch();
}

/// The code with comments removed and strings emptied, except the target of an #include.
std::string bareCode(std::string_view text) {
    std::string code;
    for (std::size_t i = 0; i < text.size();) {
        const std::string_view rest = text.substr(i);
        std::size_t end = i + 1;
        if (rest.starts_with("//")) {
            end = endOr(text, text.find('\n', i), 0);
        } else if (rest.starts_with("/*")) {
            end = endOr(text, text.find("*/", i + 2), 2);
        } else if (rest.starts_with("R\"")) {
            end = endOfRawString(text, i + 1);
            code += "\"\"";
        } else if (text[i] == '"' && onIncludeLine(code)) {
            end = endOfQuoted(text, i);
            code += text.substr(i, end - i);
        } else if (text[i] == '"' || (text[i] == '\'' && !isDigitSeparator(text, i))) {
            end = endOfQuoted(text, i);
            code += {text[i], text[i]};
        } else {
            code += text[i];
            ++i;
            continue;
        }
        keepLineBreaks(text.substr(i, end - i), code);
        i = end;
    }
    return code;
}

} // namespace

SourceText::SourceText(std::string_view text) {
    static const QRegularExpression include(R"(^\s*#\s*include\s*([<"])([^>"]+)[>"])");
    static const QRegularExpression pragma(R"(^\s*#\s*pragma\s+once\b)");
    std::istringstream lines(bareCode(text));
    for (std::string line; std::getline(lines, line);) {
        m_codeLines.push_back(line);
        const QString code = QString::fromStdString(line);
        m_hasPragmaOnce = m_hasPragmaOnce || pragma.match(code).hasMatch();
        if (const auto match = include.match(code); match.hasMatch()) {
            m_includes.push_back({match.captured(2).toStdString(), match.captured(1) == "\"",
                                  static_cast<int>(m_codeLines.size())});
        }
    }
}

} // namespace tests
