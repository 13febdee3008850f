#include "app/cli/goal_options.h"

#include "nn/base/brackets.h"
#include "nn/base/text.h"
#include "nn/train/callback.h"
#include "nn/train/loss.h"
#include "nn/train/metric.h"
#include "nn/train/output_plan.h"

namespace app::cli {
namespace {

const QString kLoss = QStringLiteral("loss");
const QString kMetrics = QStringLiteral("metrics");
const QString kCallback = QStringLiteral("callback");
const QString kClassWeight = QStringLiteral("class-weight");

nn::Expected<void> readLoss(const std::string& text, nn::TrainSettings& settings) {
    settings.lossParams.clear();
    settings.loss = text;
    if (nn::isLossName(text) && nn::findLossDef(text) == nullptr) {
        return {}; // auto, crossentropy
    }
    const nn::Expected<nn::ParamObject> loss = nn::parsedObject(nn::lossFamily(), text);
    if (!loss) {
        return nn::failure(loss.error(), "--loss");
    }
    settings.loss = nn::findLossDef(loss->type())->name;
    settings.lossParams = loss->params();
    return {};
}

nn::Expected<void> readMetrics(const std::string& text, nn::TrainSettings& settings) {
    settings.metrics.clear();
    for (const std::string_view part : nn::outerParts(text, ",")) {
        if (part.empty()) {
            continue;
        }
        const nn::Expected<nn::ParamObject> metric = nn::parsedMetric(part);
        if (!metric) {
            return nn::failure(metric.error(), "--metrics");
        }
        settings.metrics.push_back(*metric);
    }
    return {};
}

/// "0:1.5,3:0.2", also as Python writes it: "{0: 1.5, 3: 0.2}".
nn::Expected<void> readClassWeights(std::string_view text, nn::TrainSettings& settings) {
    settings.classWeights.clear();
    text = nn::trimmed(text);
    if (text.starts_with('{') && text.ends_with('}')) {
        text = text.substr(1, text.size() - 2);
    }
    for (const std::string_view part : nn::outerParts(text, ",")) {
        const std::size_t colon = part.find(':');
        const auto label = nn::parseInteger(nn::trimmed(part.substr(0, colon)));
        const auto weight = colon == std::string_view::npos
                                ? std::nullopt
                                : nn::parseReal(nn::trimmed(part.substr(colon + 1)));
        if (!label || !weight) {
            return nn::failure(nn::ErrorCode::Usage,
                               "--class-weight: expected CLASS:WEIGHT,… like 0:1,3:2.5, but "
                               "received \"" +
                                   std::string(part) + "\".");
        }
        settings.classWeights[*label] = *weight;
    }
    return {};
}

} // namespace

std::vector<QCommandLineOption> goalOptions() {
    return {{kLoss,
             QStringLiteral("auto or a loss of Keras with its arguments, like mse, "
                            "binary_crossentropy or 'Huber(delta=2)'."),
             QStringLiteral("LOSS")},
            {kMetrics, QStringLiteral("What is measured besides the loss, like accuracy,'AUC()'."),
             QStringLiteral("LIST")},
            {kCallback,
             QStringLiteral("A callback of Keras, like 'EarlyStopping(patience=3)'; may be given "
                            "several times."),
             QStringLiteral("CALLBACK")},
            {kClassWeight,
             QStringLiteral("How much images of a class count, like 0:1,3:2.5; the others count "
                            "1."),
             QStringLiteral("WEIGHTS")}};
}

nn::Expected<void> readGoalOptions(const QCommandLineParser& parser, nn::TrainSettings& settings) {
    if (parser.isSet(kLoss)) {
        if (auto read = readLoss(parser.value(kLoss).toStdString(), settings); !read) {
            return read;
        }
    }
    if (parser.isSet(kMetrics)) {
        if (auto read = readMetrics(parser.value(kMetrics).toStdString(), settings); !read) {
            return read;
        }
    }
    if (parser.isSet(kCallback)) {
        settings.callbacks.clear();
    }
    for (const QString& text : parser.values(kCallback)) {
        const nn::Expected<nn::ParamObject> callback =
            nn::parsedObject(nn::callbackFamily(), text.toStdString());
        if (!callback) {
            return nn::failure(callback.error(), "--callback");
        }
        settings.callbacks.push_back(*callback);
    }
    return parser.isSet(kClassWeight)
               ? readClassWeights(parser.value(kClassWeight).toStdString(), settings)
               : nn::Expected<void>{};
}

} // namespace app::cli
