#include "app/cli/command.h"
#include "app/cli/console.h"
#include "app/cli/signals.h"
#include "app/cli/sources.h"
#include "nn/base/text.h"
#include "nn/io/json.h"
#include "nn/train/trainer.h"

#include <cmath>

namespace app::cli {
namespace {

nn::Expected<nn::data::Dataset> partOf(const nn::data::DataSource& source, const QString& part) {
    if (part == QStringLiteral("train")) {
        return source.train;
    }
    if (part == QStringLiteral("test")) {
        return source.test ? *source.test : source.train;
    }
    return nn::failure(nn::ErrorCode::Usage, "--part: expected test or train, but received \"" +
                                                 part.toStdString() + "\".");
}

nn::Expected<int> run(const QCommandLineParser& parser) {
    const nn::Expected<nn::Project> project = openModel(parser.positionalArguments().front());
    if (!project) {
        return tl::unexpected(project.error());
    }
    const QString data = parser.isSet(QStringLiteral("data"))
                             ? parser.value(QStringLiteral("data"))
                             : QString::fromStdString(project->data.source);
    const nn::Expected<nn::data::DataSource> source = openData(data, *project->graph);
    if (!source) {
        return tl::unexpected(source.error());
    }
    const nn::Expected<nn::data::Dataset> part =
        partOf(*source, parser.value(QStringLiteral("part")));
    if (!part) {
        return tl::unexpected(part.error());
    }
    const auto weights = completeWeights(*project);
    if (!weights) {
        return tl::unexpected(weights.error());
    }
    nn::EvaluateOptions options{.settings = project->training};
    const SignalGuard guard;
    options.cancelled = [] { return SignalGuard::received() != 0; };
    const nn::Expected<nn::Evaluation> result =
        nn::evaluate(*project->graph, **weights, *part, options);
    if (SignalGuard::received() != 0) {
        return SignalGuard::exitCode();
    }
    if (!result) {
        return tl::unexpected(result.error());
    }
    if (parser.isSet(QStringLiteral("json"))) {
        nn::io::Json json = {{"loss", result->loss}};
        json["accuracy"] =
            std::isnan(result->accuracy) ? nn::io::Json(nullptr) : nn::io::Json(result->accuracy);
        json["images"] = result->images;
        printLine(json.dump());
    } else {
        printLine(QStringLiteral("loss %1   accuracy %2   (%3 images)")
                      .arg(result->loss, 0, 'f', 4)
                      .arg(result->accuracy, 0, 'f', 4)
                      .arg(result->images)
                      .toStdString());
    }
    return 0;
}

} // namespace

Command evaluateCommand() {
    return {.name = QStringLiteral("evaluate"),
            .synopsis = QStringLiteral("MODEL --data DATA [--part test|train] [--json]"),
            .summary = QStringLiteral("measure loss and accuracy of a trained model"),
            .details = QStringLiteral("Uses the data's test set, or the part held out where it has "
                                      "none of its own."),
            .arguments = 1,
            .options = {{QStringLiteral("data"),
                         QStringLiteral("Images to measure on; without it the project's own."),
                         QStringLiteral("DATA")},
                        {QStringLiteral("part"), QStringLiteral("test (default) or train."),
                         QStringLiteral("PART"), QStringLiteral("test")},
                        {QStringLiteral("json"), QStringLiteral("One line of JSON.")}},
            .run = run};
}

} // namespace app::cli
