#include "nn/train/callbacks/path_template.h"

#include "nn/base/text.h"

#include <array>
#include <cmath>
#include <cstdio>

namespace nn {
namespace {

/// Python's format of a number: [0][width][.precision][d|f|e|g].
struct NumberFormat {
    bool zeros = false;
    int width = 0;
    int precision = -1;
    char type = 0;
};

std::optional<NumberFormat> formatOf(std::string_view text) {
    NumberFormat format;
    std::size_t at = 0;
    const auto digits = [&](int& number) {
        for (number = 0; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at) {
            number = std::min(number * 10 + (text[at] - '0'), 99);
        }
    };
    if (at < text.size() && text[at] == '0') {
        format.zeros = true;
    }
    digits(format.width);
    if (at < text.size() && text[at] == '.') {
        ++at;
        digits(format.precision);
    }
    if (at < text.size() && std::string_view("dfeg").find(text[at]) != std::string_view::npos) {
        format.type = text[at++];
    }
    return at == text.size() ? std::optional(format) : std::nullopt;
}

std::string padded(std::string number, const NumberFormat& format) {
    const auto width = static_cast<std::size_t>(format.width);
    if (number.size() < width) {
        number.insert(0, width - number.size(), format.zeros ? '0' : ' ');
    }
    return number;
}

std::string numberIn(double value, const NumberFormat& format, bool isWhole) {
    if (isWhole && (format.type == 0 || format.type == 'd')) {
        return padded(std::to_string(std::llround(value)), format);
    }
    if (format.type == 0 && format.precision < 0) {
        return padded(numberText(value), format);
    }
    std::array<char, 400> buffer{};
    const int precision = format.precision < 0 ? 6 : format.precision;
    const char* pattern = format.type == 'f' ? "%.*f" : format.type == 'e' ? "%.*e" : "%.*g";
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-vararg): the one formatter with a precision
    std::snprintf(buffer.data(), buffer.size(), pattern, precision, value);
    return padded(buffer.data(), format);
}

} // namespace

Expected<std::string> filledPath(std::string_view pattern, std::int64_t epoch,
                                 std::optional<std::int64_t> batch, const Logs& logs) {
    std::string path;
    while (!pattern.empty()) {
        const std::size_t open = pattern.find('{');
        path += pattern.substr(0, open);
        if (open == std::string_view::npos) {
            break;
        }
        const std::size_t close = pattern.find('}', open);
        if (close == std::string_view::npos) {
            return failure(ErrorCode::Usage,
                           "Expected } after { in the path \"" + std::string(pattern) + "\".");
        }
        const std::string_view field = pattern.substr(open + 1, close - open - 1);
        const std::size_t colon = field.find(':');
        const std::string_view name = field.substr(0, colon);
        const auto format = formatOf(colon == std::string_view::npos ? std::string_view()
                                                                     : field.substr(colon + 1));
        const bool isWhole = name == "epoch" || name == "batch";
        const std::optional<double> value =
            name == "epoch" ? std::optional(static_cast<double>(epoch + 1))
            : name == "batch"
                ? (batch ? std::optional(static_cast<double>(*batch + 1)) : std::nullopt)
                : logged(logs, name);
        if (!format || !value || (!isWhole && format->type == 'd')) {
            return failure(ErrorCode::Usage,
                           "The path has {" + std::string(field) +
                               "}, but only epoch, batch (when saving by batches) and the figures "
                               "of the run can be put there, like {epoch:02d} or {val_loss:.2f}.");
        }
        path += numberIn(*value, *format, isWhole);
        pattern.remove_prefix(close + 1);
    }
    return path;
}

} // namespace nn
