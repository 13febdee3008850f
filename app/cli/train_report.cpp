#include "app/cli/train_report.h"

#include "app/cli/console.h"
#include "app/cli/signals.h"
#include "nn/io/json.h"

#include <QString>
#include <chrono>
#include <cmath>

namespace app::cli {
namespace {

QString measured(double value) {
    return std::isnan(value) ? QStringLiteral("–") : QString::number(value, 'f', 4);
}

QString epochLine(const nn::EpochResult& epoch, std::int64_t epochs) {
    QString line = QStringLiteral("Epoch %1/%2   loss %3   accuracy %4")
                       .arg(epoch.epoch)
                       .arg(epochs)
                       .arg(measured(epoch.loss), measured(epoch.accuracy));
    if (!std::isnan(epoch.valLoss)) {
        line += QStringLiteral("   val_loss %1   val_accuracy %2")
                    .arg(measured(epoch.valLoss), measured(epoch.valAccuracy));
    }
    for (const nn::NamedValue& value : epoch.values) {
        line += QStringLiteral("   %1 %2")
                    .arg(QString::fromStdString(value.name), measured(value.value));
    }
    return line + QStringLiteral("   %1 s   %2 images/s")
                      .arg(epoch.seconds, 0, 'f', 1)
                      .arg(epoch.imagesPerSecond, 0, 'f', 0);
}

QString bar(double part) {
    constexpr int cells = 24;
    const int full = static_cast<int>(std::lround(part * cells));
    return QString(full, QChar(0x2588)) + QString(cells - full, QChar(0x2591));
}

QString batchLine(const nn::BatchProgress& batch, std::int64_t epochs) {
    const double part =
        static_cast<double>(batch.batch) / static_cast<double>(batch.batchesPerEpoch);
    return QStringLiteral("Epoch %1/%2 %3 %4/%5   loss %6   accuracy %7   %8 images/s")
        .arg(batch.epoch + 1)
        .arg(epochs)
        .arg(bar(part))
        .arg(batch.batch)
        .arg(batch.batchesPerEpoch)
        .arg(measured(batch.loss), measured(batch.accuracy))
        .arg(batch.imagesPerSecond, 0, 'f', 0);
}

nn::io::Json number(double value) {
    return std::isfinite(value) ? nn::io::Json(value) : nn::io::Json(nullptr);
}

} // namespace

std::string epochJson(const nn::EpochResult& epoch) {
    nn::io::Json json = {{"epoch", epoch.epoch},
                         {"loss", number(epoch.loss)},
                         {"accuracy", number(epoch.accuracy)},
                         {"val_loss", number(epoch.valLoss)},
                         {"val_accuracy", number(epoch.valAccuracy)},
                         {"seconds", number(epoch.seconds)},
                         {"images_per_second", number(epoch.imagesPerSecond)}};
    for (const nn::NamedValue& value : epoch.values) {
        json[value.name] = number(value.value);
    }
    return json.dump();
}

nn::Expected<nn::TrainResult>
TrainReport::train(const nn::TrainJob& job,
                   const std::function<void(const nn::Checkpoint&)>& keep) const {
    using Clock = std::chrono::steady_clock;
    constexpr auto refresh = std::chrono::milliseconds(100);
    nn::TrainControl control;
    nn::TrainSink sink;
    Clock::time_point shown{};
    const std::int64_t epochs = m_firstEpoch + job.settings.epochs;
    sink.batchDone = [&](nn::BatchProgress batch) {
        batch.epoch += m_firstEpoch;
        if (SignalGuard::received() != 0) {
            control.stop();
        }
        if (m_style == ReportStyle::Text && Clock::now() - shown > refresh) {
            shown = Clock::now();
            showProgress(batchLine(batch, epochs).toStdString());
        }
    };
    sink.epochDone = [&](nn::EpochResult epoch) {
        epoch.epoch += m_firstEpoch;
        showProgress({});
        printLine(m_style == ReportStyle::Json ? epochJson(epoch)
                                               : epochLine(epoch, epochs).toStdString());
    };
    sink.wentOn = [&job](const nn::Checkpoint& from, const std::string& file) {
        printError(nn::goingOnText(from, file, job.settings.epochs));
    };
    if (keep) {
        sink.checkpoint = [&](const nn::Checkpoint& checkpoint) {
            if (!checkpoint.isFinished()) {
                keep(checkpoint);
            }
        };
    }
    nn::Expected<nn::TrainResult> result = nn::train(job, control, sink);
    showProgress({});
    return result;
}

} // namespace app::cli
