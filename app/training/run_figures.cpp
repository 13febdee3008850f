#include "app/training/run_figures.h"

#include <QCoreApplication>
#include <QLocale>
#include <algorithm>
#include <cmath>
#include <optional>
#include <string_view>

namespace app {

namespace {

constexpr std::string_view kAccuracy = "accuracy";
constexpr std::string_view kOfAnOutput = "_accuracy";
constexpr std::string_view kValidation = "val_";

QString text(std::string_view value) {
    return QString::fromUtf8(value.data(), static_cast<qsizetype>(value.size()));
}

bool isMetricOfTraining(const nn::NamedValue& value) {
    return !value.name.starts_with(kValidation) && !value.name.ends_with("loss") &&
           value.name != "learning_rate";
}

double validationOf(const nn::EpochResult& epoch, const std::string& name) {
    const std::string wanted = std::string(kValidation) + name;
    const auto found = std::ranges::find(epoch.values, wanted, &nn::NamedValue::name);
    return found == epoch.values.end() ? nn::kNotMeasured : found->value;
}

/// As Keras names them: output, underscore, metric.
std::vector<OutputFigures> accuraciesOfOutputs(const nn::EpochResult& epoch) {
    std::vector<OutputFigures> outputs;
    for (const nn::NamedValue& value : epoch.values) {
        if (isMetricOfTraining(value) && value.name.ends_with(kOfAnOutput)) {
            const std::string_view name = value.name;
            outputs.push_back({.output = text(name.substr(0, name.size() - kOfAnOutput.size())),
                               .training = value.value,
                               .validation = validationOf(epoch, value.name)});
        }
    }
    return outputs;
}

QString figureText(const QString& metric, double value) {
    if (std::isnan(value)) {
        return QStringLiteral("–");
    }
    return metric.contains(text(kAccuracy))
               ? QLocale().toString(100.0 * value, 'f', 1) + QStringLiteral(" %")
               : QLocale().toString(value, 'g', 4);
}

QString joined(const RunFigures& figures, double OutputFigures::*part) {
    const auto isMeasured = [&](const OutputFigures& output) { return !std::isnan(output.*part); };
    if (std::ranges::none_of(figures.outputs, isMeasured)) {
        return QStringLiteral("–");
    }
    QStringList texts;
    for (const OutputFigures& output : figures.outputs) {
        texts << figureText(figures.metric, output.*part);
    }
    return texts.join(QStringLiteral(" · "));
}

} // namespace

QString RunFigures::caption() const {
    QStringList names;
    for (const OutputFigures& output : outputs) {
        names << output.output;
    }
    return names.size() < 2 ? metric
                            : QCoreApplication::translate("RunFigures", "%1 of %2")
                                  .arg(metric, names.join(QStringLiteral(" · ")));
}

QString RunFigures::trainingText() const {
    return joined(*this, &OutputFigures::training);
}

QString RunFigures::validationText() const {
    return joined(*this, &OutputFigures::validation);
}

RunFigures runFigures(const nn::BatchProgress& batch, const nn::EpochResult& epoch) {
    const bool hasAccuracy = !std::isnan(batch.accuracy) || !std::isnan(epoch.accuracy);
    const bool isFirstEpoch = epoch.epoch == 0;
    if (hasAccuracy || (isFirstEpoch && epoch.values.empty())) {
        return {.metric = text(kAccuracy),
                .outputs = {{.training = batch.accuracy, .validation = epoch.valAccuracy}}};
    }
    if (std::vector<OutputFigures> outputs = accuraciesOfOutputs(epoch); !outputs.empty()) {
        return {.metric = text(kAccuracy), .outputs = std::move(outputs)};
    }
    const auto first = std::ranges::find_if(epoch.values, isMetricOfTraining);
    if (first == epoch.values.end()) {
        return {};
    }
    return {
        .metric = QString::fromStdString(first->name),
        .outputs = {{.training = first->value, .validation = validationOf(epoch, first->name)}}};
}

} // namespace app
