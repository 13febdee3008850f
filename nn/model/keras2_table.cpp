#include "nn/model/summary_tables.h"

#include "nn/base/saturated.h"
#include "nn/base/text.h"

#include <algorithm>
#include <array>

namespace nn {
namespace {

using Fields = std::vector<std::string>;

/// Where a field is cut for one line: at its width, or right behind the end of a tuple or a list.
std::size_t cutOf(const std::string& field, std::size_t width) {
    std::size_t cut = width;
    for (const std::string_view end : {"),", "},", "],", "',"}) {
        const std::size_t found = field.substr(0, width).find(end);
        if (found != std::string::npos) {
            cut = std::min(cut, found + end.size());
        }
    }
    return std::min(cut, field.size());
}

std::string repeated(char c, int count) {
    return std::string(static_cast<std::size_t>(std::max(count, 0)), c);
}

std::string repeated(std::string_view part, int count) {
    std::string text;
    for (int i = 0; i < count; ++i) {
        text += part;
    }
    return text;
}

/// One row; what does not fit continues below. `ends`: where each column ends. A row `depth` models
/// deep stands between that many bars.
std::string rowText(Fields fields, const std::vector<int>& ends, int depth = 0) {
    std::string text;
    const auto isLeft = [](const std::string& field) { return !field.empty(); };
    while (std::ranges::any_of(fields, isLeft)) {
        std::string line;
        for (std::size_t i = 0; i < fields.size(); ++i) {
            const bool isLast = i + 1 == fields.size();
            const int begin = i == 0 ? 0 : ends[i - 1];
            const int width = ends[i] - begin - (isLast ? 0 : 3) - (i == 0 ? depth : 0);
            const std::size_t cut = cutOf(fields[i], static_cast<std::size_t>(std::max(width, 1)));
            line += (i == 0 ? repeated('|', depth) + " " : "") + fields[i].substr(0, cut) +
                    (isLast ? "" : "  ");
            fields[i].erase(0, cut);
            const auto end = static_cast<std::size_t>(std::max(ends[i] - depth, 0));
            line.resize(std::max(line.size(), end), ' ');
        }
        text += line + repeated('|', depth) + "\n";
    }
    return text;
}

std::string rule(char c, int length) {
    return repeated(c, length) + "\n";
}

/// A line of one character between the bars of the models it is in.
std::string framed(std::string_view part, int length, int depth) {
    const std::string bars = repeated('|', depth);
    return bars + repeated(part, length - 2 * depth) + bars + "\n";
}

Fields fieldsOf(const SummaryRow& row, const Summary& summary, const SummaryTextOptions& options) {
    std::string shape = outputText(row);
    if (row.connectedTo.empty() && row.output && summary.showsConnections) {
        shape = "[" + shape + "]";
    }
    Fields fields{row.name + " (" + row.type + ")", shape,
                  row.output ? std::to_string(row.params) : "0 (unused)"};
    if (summary.showsConnections) {
        std::vector<std::string> sources;
        for (const std::string& source : row.connectedTo) {
            sources.push_back("'" + source + "'");
        }
        fields.push_back("[" + join(sources, ", ") + "]");
    }
    if (options.showTrainable) {
        fields.emplace_back(row.trainable ? "Y" : "N");
    }
    return fields;
}

/// How the rows are laid out.
struct Layout {
    const Summary& summary;
    const SummaryTextOptions& options;
    std::vector<int> ends = {};
    int length = 0;
};

std::string rowsText(const std::vector<SummaryRow>& rows, const Layout& layout, int depth) {
    std::string text;
    for (const SummaryRow& row : rows) {
        Fields fields = fieldsOf(row, layout.summary, layout.options);
        if (depth > 0 && layout.summary.showsConnections) {
            fields[3] = "[]"; // Wires within the model inside are not those of this network.
        }
        text += rowText(std::move(fields), layout.ends, depth);
        if (layout.options.expandNested && !row.inner.empty()) {
            text += framed("¯", layout.length, depth + 1);
            text += rowsText(row.inner, layout, depth + 1);
            text += framed("¯", layout.length, depth);
        }
        const bool isLastInside = depth > 0 && &row == &rows.back();
        text += isLastInside ? "" : framed(" ", layout.length, depth);
    }
    return text;
}

std::string countLine(std::string_view what, std::int64_t count) {
    std::string memory = byteText(saturatedProduct(count, 4));
    if (memory.ends_with(" B")) {
        memory += "yte";
    }
    return std::string(what) + " params: " + std::to_string(count) + " (" + memory + ")\n";
}

} // namespace

std::string keras2Table(const Summary& summary, const SummaryTextOptions& options) {
    constexpr int narrowest = 40;
    int length =
        std::max(options.lineLength.value_or(summary.showsConnections ? 98 : 65), narrowest);
    std::vector<int> ends;
    Fields header{"Layer (type)", "Output Shape", "Param #"};
    const std::array<double, 4> wide{.3, .6, .70, 1.0};
    const std::array<double, 3> slim{.45, .85, 1.0};
    for (const double position :
         summary.showsConnections ? std::span<const double>(wide) : std::span<const double>(slim)) {
        ends.push_back(static_cast<int>(length * position));
    }
    if (summary.showsConnections) {
        header.emplace_back("Connected to");
    }
    if (options.showTrainable) {
        length += 11;
        ends.push_back(length);
        header.emplace_back("Trainable");
    }
    const bool isAutomatic = summary.modelName == "functional";
    std::string text = "Model: \"" + (isAutomatic ? "model" : summary.modelName) + "\"\n";
    text += rule('_', length) + rowText(header, ends) + rule('=', length);
    text += rowsText(summary.rows, {summary, options, ends, length}, 0);
    const std::int64_t optimizer = options.optimizerParams.value_or(0);
    text += rule('=', length);
    text += countLine("Total", saturatedSum(summary.totalParams, optimizer));
    text += countLine("Trainable", summary.trainableParams);
    text += countLine("Non-trainable", summary.nonTrainableParams);
    return text + rule('_', length);
}

} // namespace nn
