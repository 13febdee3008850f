#include "nn/model/summary_tables.h"

#include "nn/base/saturated.h"
#include "nn/base/text.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace nn {
namespace {

enum class Align { Left, Right, Center };

struct Column {
    std::string header;
    Align align = Align::Left;
    int width = 0; ///< Of the text, without the blank on each side.
};

using Cells = std::vector<std::string>;

/// Characters, not bytes: a byte that continues a character is not counted.
int lengthOf(std::string_view text) {
    return static_cast<int>(std::ranges::count_if(
        text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

std::string firstCharacters(std::string_view text, int count) {
    std::size_t end = 0;
    for (int seen = 0; end < text.size(); ++end) {
        seen += (static_cast<unsigned char>(text[end]) & 0xC0U) != 0x80U ? 1 : 0;
        if (seen > count) {
            break;
        }
    }
    return std::string(text.substr(0, end));
}

std::string repeated(std::string_view text, int count) {
    std::string result;
    for (int i = 0; i < count; ++i) {
        result += text;
    }
    return result;
}

/// Lines broken at blanks only; a word that is too long has a line of its own and is cut. Blanks
/// in front belong to the first word.
std::vector<std::string> wrapped(std::string_view text, int width) {
    std::vector<std::string> lines(1);
    const std::size_t indent = std::min(text.find_first_not_of(' '), text.size());
    bool isFirst = true;
    for (const std::string& word : split(text.substr(indent), ' ')) {
        std::string& line = lines.back();
        if (isFirst) {
            line = std::string(indent, ' ') + word;
            isFirst = false;
        } else if (lengthOf(line) + 1 + lengthOf(word) <= width) {
            line += " " + word;
        } else {
            lines.push_back(word);
        }
    }
    for (std::string& line : lines) {
        if (lengthOf(line) > width) {
            line = firstCharacters(line, width - 1) + "…";
        }
    }
    return lines;
}

std::string aligned(const std::string& text, Align align, int width) {
    const int space = std::max(0, width - lengthOf(text));
    switch (align) {
    case Align::Left:
        return text + repeated(" ", space);
    case Align::Right:
        return repeated(" ", space) + text;
    case Align::Center:
        return repeated(" ", space / 2) + text + repeated(" ", space - space / 2);
    }
    return text;
}

/// Widths of the texts for a table of `length` characters. Keras shares the length out by
/// `positions`; rich adds blanks and borders and takes what is too much from the columns in turn.
std::vector<int> widthsFor(const std::vector<double>& positions, int length) {
    std::vector<int> widths;
    int used = 0;
    for (const double position : positions) {
        const int width = static_cast<int>(position * length) - used;
        widths.push_back(width + 2);
        used += width;
    }
    const int columns = static_cast<int>(widths.size());
    int excess = used + 2 * columns - (length - (columns + 1));
    int left = columns;
    for (int& width : widths) {
        // nearbyint rounds halves to even, as Python does.
        const int taken =
            std::min(width, static_cast<int>(std::nearbyint(static_cast<double>(excess) / left--)));
        width -= taken + 2;
        excess -= taken;
    }
    return widths;
}

struct Layout {
    std::vector<Column> columns;
    int defaultLength = 88;
    std::vector<double> positions{.45, .80, 1.0};
};

Layout layoutFor(const Summary& summary, const SummaryTextOptions& options) {
    Layout layout;
    layout.columns = {
        {"Layer (type)", Align::Left}, {"Output Shape", Align::Left}, {"Param #", Align::Right}};
    if (summary.showsConnections) {
        layout.defaultLength = 108;
        layout.positions = {.3, .56, .74, 1.0};
        layout.columns.push_back({"Connected to", Align::Left});
    }
    if (options.showTrainable) {
        layout.defaultLength += 12;
        for (double& position : layout.positions) {
            position *= 0.90;
        }
        layout.positions.push_back(1.0);
        layout.columns.push_back({"Trainable", Align::Center});
    }
    int length = layout.defaultLength;
    if (options.terminalColumns) {
        length = std::min(length, *options.terminalColumns - 4);
    }
    // Narrower than this Keras refuses to print.
    constexpr int narrowest = 60;
    length = std::max(options.lineLength.value_or(length), narrowest);
    const std::vector<int> widths = widthsFor(layout.positions, length);
    for (std::size_t i = 0; i < widths.size(); ++i) {
        layout.columns[i].width = widths[i];
    }
    return layout;
}

std::string rowText(const std::vector<Column>& columns, const Cells& cells, std::string_view bar) {
    std::vector<std::vector<std::string>> lines;
    std::size_t height = 1;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        lines.push_back(wrapped(cells[i], columns[i].width));
        height = std::max(height, lines.back().size());
    }
    std::string text;
    for (std::size_t line = 0; line < height; ++line) {
        text += bar;
        for (std::size_t i = 0; i < columns.size(); ++i) {
            const std::string part = line < lines[i].size() ? lines[i][line] : std::string();
            text += " " + aligned(part, columns[i].align, columns[i].width) + " ";
            text += bar;
        }
        text += "\n";
    }
    return text;
}

/// A horizontal rule; `ends`: left corner, line, crossing, right corner.
std::string ruleText(const std::vector<Column>& columns,
                     const std::array<std::string_view, 4>& ends) {
    std::string text;
    for (const Column& column : columns) {
        text += text.empty() ? ends[0] : ends[2];
        text += repeated(ends[1], column.width + 2);
    }
    return text + std::string(ends[3]) + "\n";
}

/// A row of the table: a layer, `depth` models deep.
struct TableRow {
    const SummaryRow* layer = nullptr;
    int depth = 0;
};

void addRows(const std::vector<SummaryRow>& layers, int depth, bool expandsNested,
             std::vector<TableRow>& rows) {
    for (const SummaryRow& layer : layers) {
        rows.push_back({&layer, depth});
        if (expandsNested) {
            addRows(layer.inner, depth + 1, expandsNested, rows);
        }
    }
}

Cells cellsOf(const TableRow& line, const Summary& summary, const SummaryTextOptions& options) {
    const SummaryRow& row = *line.layer;
    const std::string indent = line.depth == 0 ? "" : repeated("   ", line.depth) + "└ ";
    Cells cells{indent + row.name + " (" + row.type + ")", outputText(row),
                row.output ? withThousands(row.params) : withThousands(row.params) + " (unbuilt)"};
    if (summary.showsConnections) {
        std::string connections;
        for (const std::string& source : row.connectedTo) {
            connections += (connections.empty() ? "" : ", ") + source;
        }
        // The wires within a model inside the model are not those of this network.
        cells.push_back(connections.empty() || line.depth > 0 ? "-" : connections);
    }
    if (options.showTrainable) {
        cells.emplace_back(!row.hasWeights ? "-" : (row.trainable ? "Y" : "N"));
    }
    return cells;
}

std::string countLine(std::string_view what, std::int64_t count) {
    return " " + std::string(what) + " params: " + withThousands(count) + " (" +
           byteText(saturatedProduct(count, 4)) + ")\n";
}

} // namespace

std::string outputText(const SummaryRow& row) {
    if (!row.output) {
        return "?";
    }
    std::string text = kerasShapeText(*row.output);
    for (const Shape& shape : row.furtherOutputs) {
        text += ", " + kerasShapeText(shape);
    }
    return row.furtherOutputs.empty() ? text : "[" + text + "]";
}

std::string keras3Table(const Summary& summary, const SummaryTextOptions& options) {
    const Layout layout = layoutFor(summary, options);
    const std::vector<Column>& columns = layout.columns;
    Cells header;
    for (const Column& column : columns) {
        header.push_back(column.header);
    }
    std::string text = "Model: \"" + summary.modelName + "\"\n";
    text += ruleText(columns, {"┏", "━", "┳", "┓"});
    text += rowText(columns, header, "┃");
    text += ruleText(columns, {"┡", "━", "╇", "┩"});
    std::vector<TableRow> rows;
    addRows(summary.rows, 0, options.expandNested, rows);
    for (std::size_t i = 0; i < rows.size(); ++i) {
        text += i == 0 ? "" : ruleText(columns, {"├", "─", "┼", "┤"});
        text += rowText(columns, cellsOf(rows[i], summary, options), "│");
    }
    text += ruleText(columns, {"└", "─", "┴", "┘"});
    const std::int64_t optimizer = options.optimizerParams.value_or(0);
    text += countLine("Total", saturatedSum(summary.totalParams, optimizer));
    text += countLine("Trainable", summary.trainableParams);
    text += countLine("Non-trainable", summary.nonTrainableParams);
    text += options.optimizerParams ? countLine("Optimizer", optimizer) : "";
    return text;
}

} // namespace nn
