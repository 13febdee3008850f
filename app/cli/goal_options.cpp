#include "app/cli/goal_options.h"

#include "app/training/class_weights.h"
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

nn::Expected<void> readClassWeights(const std::string& text, nn::TrainSettings& settings) {
    nn::Expected<ClassWeights> weights = parsedClassWeights(text);
    if (!weights) {
        return nn::failure(weights.error(), "--class-weight");
    }
    settings.classWeights = *std::move(weights);
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
