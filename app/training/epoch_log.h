#pragma once

#include "nn/train/progress.h"

#include <QObject>
#include <chrono>
#include <functional>
#include <optional>

namespace app {

class Log;
class TrainingController;

/// Writes what an epoch measured into the log: one line a second at most, and the first and last
/// of a run. Tiny networks finish hundreds of epochs in a second; the curves have them all.
class EpochLog : public QObject {
    Q_OBJECT

public:
    using Clock = std::function<std::chrono::milliseconds()>;

    EpochLog(const TrainingController& training, Log& log, Clock clock = sinceStart);

private:
    [[nodiscard]] static std::chrono::milliseconds sinceStart();
    void add(const nn::EpochResult& epoch);

    Log& m_log;
    Clock m_clock;
    std::optional<std::chrono::milliseconds> m_lastLine; ///< Of the run under way.
    std::int64_t m_epochs = 0;
    std::int64_t m_firstEpoch = 0;
};

} // namespace app
