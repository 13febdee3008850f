#include "app/cli/command.h"
#include "app/cli/console.h"
#include "app/cli/sources.h"
#include "nn/base/text.h"
#include "nn/model/summary.h"

namespace app::cli {
namespace {

nn::Expected<int> run(const QCommandLineParser& parser) {
    const nn::Expected<nn::Project> project = openModel(parser.positionalArguments().front());
    if (!project) {
        return tl::unexpected(project.error());
    }
    const nn::Graph& graph = *project->graph;
    const nn::Inference inference = nn::infer(graph);
    const nn::Summary summary = nn::summaryOf(graph, inference);
    const QString style = parser.value(QStringLiteral("style"));
    nn::SummaryTextOptions options;
    if (const int columns = terminalColumns(); columns > 0) {
        options.terminalColumns = columns;
    }
    if (parser.isSet(QStringLiteral("width"))) {
        const nn::Expected<qint64> width = integerOption(parser, QStringLiteral("width"), 20, 1000);
        if (!width) {
            return tl::unexpected(width.error());
        }
        options.lineLength = static_cast<int>(*width);
    }
    options.showTrainable = parser.isSet(QStringLiteral("show-trainable"));
    options.expandNested = parser.isSet(QStringLiteral("expand-nested"));
    if (style == QStringLiteral("json")) {
        printLine(nn::trimmed(nn::summaryJson(summary)));
    } else if (style == QStringLiteral("keras2") || style == QStringLiteral("keras3")) {
        options.style =
            style == QStringLiteral("keras2") ? nn::SummaryStyle::Keras2 : nn::SummaryStyle::Keras3;
        const std::string text = nn::summaryText(summary, options);
        printLine(std::string_view(text).substr(0, text.size() - (text.ends_with('\n') ? 1 : 0)));
    } else {
        return nn::failure(nn::ErrorCode::Usage,
                           "--style: expected keras3, keras2 or json, but received \"" +
                               style.toStdString() + "\".");
    }
    int errors = 0;
    for (const nn::Diagnostic& diagnostic : inference.diagnostics) {
        if (diagnostic.severity == nn::Severity::Error) {
            printError(diagnostic.message);
            ++errors;
        }
    }
    return errors == 0 ? 0 : 3;
}

} // namespace

Command summaryCommand() {
    return {
        .name = QStringLiteral("summary"),
        .synopsis = QStringLiteral("MODEL [--style keras3|keras2|json] [--width N] "
                                   "[--show-trainable] [--expand-nested]"),
        .summary = QStringLiteral("print the table of layers, shapes and parameters"),
        .details = QStringLiteral("A network with problems is printed as far as it is known; the "
                                  "problems follow on standard\nerror."),
        .arguments = 1,
        .options = {{QStringLiteral("style"), QStringLiteral("keras3 (default), keras2 or json."),
                     QStringLiteral("STYLE"), QStringLiteral("keras3")},
                    {QStringLiteral("width"),
                     QStringLiteral("Columns of the table (Keras' line_length); without it as "
                                    "Keras chooses."),
                     QStringLiteral("N")},
                    {QStringLiteral("show-trainable"),
                     QStringLiteral("A column that says which layers are trained.")},
                    {QStringLiteral("expand-nested"),
                     QStringLiteral("Rows for the layers of models inside the model.")}},
        .run = run};
}

} // namespace app::cli
