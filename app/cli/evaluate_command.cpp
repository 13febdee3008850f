#include "app/cli/command.h"
#include "app/cli/console.h"
#include "app/cli/signals.h"
#include "app/cli/sources.h"
#include "nn/base/text.h"
#include "nn/io/json.h"
#include "nn/train/trainer.h"

#include <algorithm>
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

nn::io::Json number(double value) {
    return std::isfinite(value) ? nn::io::Json(value) : nn::io::Json(nullptr);
}

std::string resultJson(const nn::Evaluation& result, const std::vector<std::string>& names) {
    nn::io::Json json = {{"loss", number(result.loss)}, {"accuracy", number(result.accuracy)}};
    for (const nn::NamedValue& value : result.values) {
        json[value.name] = number(value.value);
    }
    json["images"] = result.images;
    const std::vector<nn::ClassFigures> figures = nn::classFigures(result.confusion);
    for (std::size_t k = 0; k < figures.size(); ++k) {
        json["classes"].push_back({{"name", k < names.size() ? names[k] : std::to_string(k)},
                                   {"images", figures[k].images},
                                   {"precision", number(figures[k].precision)},
                                   {"recall", number(figures[k].recall)},
                                   {"f1", number(figures[k].f1)}});
        nn::io::Json row = nn::io::Json::array();
        for (std::int64_t said = 0; said < result.confusion.classes; ++said) {
            row.push_back(result.confusion.count(static_cast<std::int64_t>(k), said));
        }
        json["confusion"].push_back(std::move(row));
    }
    return json.dump();
}

QString measured(double value) {
    return std::isnan(value) ? QStringLiteral("–") : QString::number(value, 'f', 4);
}

/// Every class on a line: how well it is found, and what it is taken for.
void printClasses(const nn::Confusion& confusion, const std::vector<std::string>& names) {
    const std::vector<nn::ClassFigures> figures = nn::classFigures(confusion);
    qsizetype width = 5;
    for (const std::string& name : names) {
        width = std::max(width, QString::fromStdString(name).size());
    }
    printLine({});
    printLine((QStringLiteral("class").leftJustified(width) +
               QStringLiteral("   images   precision   recall   f1       taken for"))
                  .toStdString());
    for (std::size_t k = 0; k < figures.size(); ++k) {
        if (figures[k].images == 0 && k >= names.size()) {
            continue;
        }
        QString line = QString::fromStdString(k < names.size() ? names[k] : std::to_string(k))
                           .leftJustified(width) +
                       QStringLiteral("   %1   %2   %3   %4  ")
                           .arg(figures[k].images, 6)
                           .arg(measured(figures[k].precision), 9)
                           .arg(measured(figures[k].recall), 6)
                           .arg(measured(figures[k].f1), 6);
        for (std::int64_t said = 0; said < confusion.classes; ++said) {
            line +=
                QStringLiteral(" %1").arg(confusion.count(static_cast<std::int64_t>(k), said), 4);
        }
        printLine(line.toStdString());
    }
}

void printResult(const nn::Evaluation& result, const std::vector<std::string>& names) {
    QString line = QStringLiteral("loss %1   accuracy %2")
                       .arg(measured(result.loss), measured(result.accuracy));
    for (const nn::NamedValue& value : result.values) {
        line += QStringLiteral("   %1 %2")
                    .arg(QString::fromStdString(value.name), measured(value.value));
    }
    printLine((line + QStringLiteral("   (%1 images)").arg(result.images)).toStdString());
    constexpr std::int64_t mostClasses = 20; // more lines would not fit a terminal's width
    if (result.confusion.classes > 0 && result.confusion.classes <= mostClasses) {
        printClasses(result.confusion, names);
    }
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
    const std::vector<std::string>& names = part->classNames();
    if (parser.isSet(QStringLiteral("json"))) {
        printLine(resultJson(*result, names));
    } else {
        printResult(*result, names);
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
