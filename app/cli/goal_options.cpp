#include "app/cli/goal_options.h"

#include "app/training/class_weights.h"
#include "nn/base/brackets.h"
#include "nn/base/text.h"
#include "nn/train/callback.h"
#include "nn/train/loss.h"
#include "nn/train/metric.h"
#include "nn/train/output_plan.h"

#include <algorithm>
#include <cmath>

namespace app::cli {
namespace {

const QString kLoss = QStringLiteral("loss");
const QString kLossWeights = QStringLiteral("loss-weights");
const QString kMetrics = QStringLiteral("metrics");
const QString kCallback = QStringLiteral("callback");
const QString kClassWeight = QStringLiteral("class-weight");

/// A loss with its arguments, for all outputs or for one.
struct LossText {
    std::string output; ///< Empty: all.
    std::string loss;
};

/// The last colon before the arguments of the loss ends a name.
LossText namedLoss(std::string_view text) {
    const std::size_t colon = text.substr(0, text.find('(')).rfind(':');
    if (colon == std::string_view::npos) {
        return {.output = {}, .loss = std::string(nn::trimmed(text))};
    }
    return {.output = std::string(nn::trimmed(text.substr(0, colon))),
            .loss = std::string(nn::trimmed(text.substr(colon + 1)))};
}

nn::Expected<nn::OutputLoss> parsedLoss(const std::string& text) {
    if (nn::isLossName(text) && nn::findLossDef(text) == nullptr) {
        return nn::OutputLoss{.loss = text}; // auto, crossentropy
    }
    const nn::Expected<nn::ParamObject> loss = nn::parsedObject(nn::lossFamily(), text);
    if (!loss) {
        return nn::failure(loss.error(), "--loss");
    }
    return nn::OutputLoss{.loss = nn::findLossDef(loss->type())->name,
                          .lossParams = loss->params()};
}

/// The entry of an output; without one it begins with the loss of all.
nn::OutputLoss& ownLoss(nn::TrainSettings& settings, const std::string& output) {
    return settings.outputLosses
        .try_emplace(output,
                     nn::OutputLoss{.loss = settings.loss, .lossParams = settings.lossParams})
        .first->second;
}

void takeLoss(const std::string& output, nn::OutputLoss loss, nn::TrainSettings& settings) {
    const auto take = [&loss](nn::OutputLoss& own) {
        own.loss = loss.loss;
        own.lossParams = loss.lossParams;
    };
    if (!output.empty()) {
        take(ownLoss(settings, output));
        return;
    }
    settings.loss = loss.loss;
    settings.lossParams = loss.lossParams;
    for (auto& [name, own] : settings.outputLosses) {
        take(own);
    }
}

nn::Expected<void> readLosses(const QStringList& texts, nn::TrainSettings& settings) {
    std::vector<LossText> losses;
    for (const QString& text : texts) {
        losses.push_back(namedLoss(text.toStdString()));
    }
    // That of all outputs comes first, whatever was written first.
    std::ranges::stable_partition(losses, [](const LossText& each) { return each.output.empty(); });
    for (const auto& [output, text] : losses) {
        nn::Expected<nn::OutputLoss> loss = parsedLoss(text);
        if (!loss) {
            return tl::unexpected(loss.error());
        }
        takeLoss(output, *std::move(loss), settings);
    }
    return {};
}

nn::Expected<void> readLossWeights(const std::string& text, nn::TrainSettings& settings) {
    for (auto& [name, own] : settings.outputLosses) {
        own.weight = 1.0;
    }
    for (const std::string_view part : nn::outerParts(text, ",")) {
        if (part.empty()) {
            continue;
        }
        const std::size_t colon = part.rfind(':');
        const auto weight = colon == std::string_view::npos
                                ? std::nullopt
                                : nn::parseReal(nn::trimmed(part.substr(colon + 1)));
        if (!weight || !std::isfinite(*weight)) {
            return nn::failure(nn::ErrorCode::Usage,
                               "--loss-weights: expected OUTPUT:WEIGHT,… like main:1,aux:0.3, "
                               "but received \"" +
                                   std::string(part) + "\".");
        }
        ownLoss(settings, std::string(nn::trimmed(part.substr(0, colon)))).weight = *weight;
    }
    return {};
}

/// Outputs that are trained as all the others need no entry.
void dropCommonLosses(nn::TrainSettings& settings) {
    const nn::OutputLoss common{.loss = settings.loss, .lossParams = settings.lossParams};
    std::erase_if(settings.outputLosses,
                  [&common](const auto& entry) { return entry.second == common; });
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
                            "binary_crossentropy or 'Huber(delta=2)'. For one of several outputs "
                            "OUTPUT:LOSS; may be given several times."),
             QStringLiteral("LOSS")},
            {kLossWeights,
             QStringLiteral("How much the loss of each output counts in the sum, like "
                            "main:1,aux:0.3; the others count 1."),
             QStringLiteral("WEIGHTS")},
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
    if (auto read = readLosses(parser.values(kLoss), settings); !read) {
        return read;
    }
    if (parser.isSet(kLossWeights)) {
        if (auto read = readLossWeights(parser.value(kLossWeights).toStdString(), settings);
            !read) {
            return read;
        }
    }
    dropCommonLosses(settings);
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
