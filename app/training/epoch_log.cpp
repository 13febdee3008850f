#include "app/training/epoch_log.h"

#include "app/log.h"
#include "app/training/training_controller.h"

#include <cmath>

namespace app {

namespace {

constexpr std::chrono::milliseconds kBetweenLines{1000};

QString lineOf(const nn::EpochResult& epoch, std::int64_t number) {
    QString line = EpochLog::tr("Epoch %1: loss %2").arg(number).arg(epoch.loss, 0, 'f', 4);
    if (!std::isnan(epoch.accuracy)) {
        line += EpochLog::tr(", accuracy %1").arg(epoch.accuracy, 0, 'f', 4);
    }
    if (!std::isnan(epoch.valLoss)) {
        line += EpochLog::tr(", validation loss %1").arg(epoch.valLoss, 0, 'f', 4);
    }
    if (!std::isnan(epoch.valAccuracy)) {
        line += EpochLog::tr(", validation accuracy %1").arg(epoch.valAccuracy, 0, 'f', 4);
    }
    for (const nn::NamedValue& value : epoch.values) {
        if (value.name != "learning_rate") {
            line += EpochLog::tr(", %1 %2")
                        .arg(QString::fromStdString(value.name))
                        .arg(value.value, 0, 'f', 4);
        }
    }
    return line + EpochLog::tr(", %1 s").arg(epoch.seconds, 0, 'f', 1);
}

} // namespace

EpochLog::EpochLog(const TrainingController& training, Log& log, Clock clock)
    : m_log(log), m_clock(std::move(clock)) {
    connect(&training, &TrainingController::started, this, [this](int epochs, int firstEpoch) {
        m_lastLine.reset();
        m_epochs = epochs;
        m_firstEpoch = firstEpoch;
    });
    connect(&training, &TrainingController::epochDone, this, &EpochLog::add);
}

std::chrono::milliseconds EpochLog::sinceStart() {
    using std::chrono::steady_clock;
    return std::chrono::duration_cast<std::chrono::milliseconds>(
        steady_clock::now().time_since_epoch());
}

void EpochLog::add(const nn::EpochResult& epoch) {
    const std::chrono::milliseconds now = m_clock();
    const bool isDue = !m_lastLine || now - *m_lastLine >= kBetweenLines;
    if (isDue || epoch.epoch == m_epochs) {
        m_lastLine = now;
        m_log.info(lineOf(epoch, epoch.epoch + m_firstEpoch));
    }
}

} // namespace app
