#include "app/cli/command.h"
#include "app/cli/console.h"
#include "app/cli/sources.h"
#include "nn/base/text.h"
#include "nn/io/file.h"
#include "nn/io/keras_code.h"
#include "nn/model/infer.h"

namespace app::cli {
namespace {

nn::Expected<int> run(const QCommandLineParser& parser) {
    const nn::Expected<nn::Project> project = openModel(parser.positionalArguments().front());
    if (!project) {
        return tl::unexpected(project.error());
    }
    const std::string code = nn::io::kerasCode(*project);
    if (parser.isSet(QStringLiteral("output"))) {
        const std::string path = parser.value(QStringLiteral("output")).toStdString();
        if (const auto written = nn::io::replaceFile(path, code); !written) {
            return tl::unexpected(written.error());
        }
        printError("Saved " + path);
    } else {
        printLine(nn::trimmed(code));
    }
    int errors = 0;
    for (const nn::Diagnostic& diagnostic : nn::infer(*project->graph).diagnostics) {
        if (diagnostic.severity == nn::Severity::Error) {
            printError(diagnostic.message);
            ++errors;
        }
    }
    return errors == 0 ? 0 : 3;
}

} // namespace

Command codeCommand() {
    return {.name = QStringLiteral("code"),
            .synopsis = QStringLiteral("MODEL [--output FILE]"),
            .summary = QStringLiteral("print the network and its training as Keras 3 code"),
            .details = QStringLiteral(
                "A Python program that loads the data, builds, compiles and fits the network with "
                "the training\nsettings of the model. Nothing is run, and Keras is not needed to "
                "write it."),
            .arguments = 1,
            .options = {{QStringLiteral("output"),
                         QStringLiteral("Python file (.py) to write instead of printing."),
                         QStringLiteral("FILE")}},
            .run = run};
}

} // namespace app::cli
