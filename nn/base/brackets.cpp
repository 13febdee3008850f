#include "nn/base/brackets.h"

#include "nn/base/text.h"

namespace nn {

std::vector<std::string_view> outerParts(std::string_view text, std::string_view separator) {
    std::vector<std::string_view> parts;
    int depth = 0;
    std::size_t begin = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        depth += text[i] == '(' || text[i] == '[' ? 1 : 0;
        depth -= text[i] == ')' || text[i] == ']' ? 1 : 0;
        if (depth == 0 && text.substr(i).starts_with(separator)) {
            parts.push_back(trimmed(text.substr(begin, i - begin)));
            i += separator.size() - 1;
            begin = i + 1;
        }
    }
    parts.push_back(trimmed(text.substr(begin)));
    return parts;
}

} // namespace nn
