#include "widgets/images/tensor_image.h"
#include "widgets/plots/training_plot.h"

#include <QLabel>
#include <algorithm>
#include <cmath>

namespace widgets {
namespace {

QString measured(const QString& name, double value) {
    return QStringLiteral("%1 %2").arg(name, std::isnan(value) ? QStringLiteral("–")
                                                               : numberText(value, 4));
}

/// "rising", "falling" or "steady" over the last epochs.
QString trend(const std::vector<nn::EpochResult>& epochs, double nn::EpochResult::*field) {
    if (epochs.size() < 2) {
        return TrainingPlot::tr("first value");
    }
    const std::size_t back = std::min<std::size_t>(3, epochs.size() - 1);
    const double change = epochs.back().*field - epochs[epochs.size() - 1 - back].*field;
    const double least = 0.005 * std::max(std::abs(epochs.back().*field), 1e-6);
    if (std::abs(change) < least) {
        return TrainingPlot::tr("steady");
    }
    return change > 0 ? TrainingPlot::tr("rising") : TrainingPlot::tr("falling");
}

} // namespace

QString TrainingPlot::summary() const {
    const std::vector<nn::EpochResult>& epochs = m_data.epochs();
    if (epochs.empty()) {
        return m_data.isEmpty() ? m_empty->text() : tr("The first epoch is running.");
    }
    const nn::EpochResult& last = epochs.back();
    const auto sentence = [&](const QString& name, double nn::EpochResult::*field) {
        return tr("%1 %2 at epoch %3, %4")
            .arg(name, numberText(last.*field))
            .arg(last.epoch)
            .arg(trend(epochs, field));
    };
    if (!std::isnan(last.valAccuracy)) {
        return sentence(tr("Validation accuracy"), &nn::EpochResult::valAccuracy);
    }
    if (!std::isnan(last.valLoss)) {
        return sentence(tr("Validation loss"), &nn::EpochResult::valLoss);
    }
    return sentence(tr("Training loss"), &nn::EpochResult::loss);
}

QString TrainingPlot::readOut(double epoch) const {
    QStringList parts;
    const std::vector<nn::EpochResult>& epochs = m_data.epochs();
    const std::vector<BatchPoint>& batches = m_data.batches();
    const auto nearest = std::min_element(
        epochs.begin(), epochs.end(), [epoch](const nn::EpochResult& a, const nn::EpochResult& b) {
            return std::abs(static_cast<double>(a.epoch) - epoch) <
                   std::abs(static_cast<double>(b.epoch) - epoch);
        });
    if (nearest != epochs.end() && std::abs(static_cast<double>(nearest->epoch) - epoch) <= 0.5) {
        parts = {tr("epoch %1").arg(nearest->epoch), measured(tr("loss"), nearest->loss),
                 measured(tr("val. loss"), nearest->valLoss),
                 measured(tr("accuracy"), nearest->accuracy),
                 measured(tr("val. accuracy"), nearest->valAccuracy)};
        if (const QString name = figure(); name != QStringLiteral("accuracy")) {
            const std::string key = name.toStdString();
            parts << measured(name, figureOf(*nearest, key));
            if (const double checked = figureOf(*nearest, "val_" + key); !std::isnan(checked)) {
                parts << measured(QStringLiteral("val_") + name, checked);
            }
        }
    } else if (!batches.empty()) {
        auto at = std::lower_bound(batches.begin(), batches.end(), epoch,
                                   [](const BatchPoint& a, double x) { return a.epoch < x; });
        at = at == batches.end() ? std::prev(at) : at;
        parts = {tr("epoch %1").arg(numberText(at->epoch, 4)), measured(tr("batch loss"), at->loss),
                 measured(tr("accuracy"), at->accuracy)};
    }
    return parts.join(u'\n');
}

} // namespace widgets
