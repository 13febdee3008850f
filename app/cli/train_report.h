#pragma once

#include "nn/train/trainer.h"

#include <functional>
#include <string>

namespace app::cli {

enum class ReportStyle { Text, Json };

/// Runs a training on the command line: a progress bar where there is a terminal, one line per
/// epoch, an end after the batch under way when a signal comes (see SignalGuard).
class TrainReport {
public:
    /// `firstEpoch` epochs of earlier runs are continued.
    explicit TrainReport(ReportStyle style, std::int64_t firstEpoch = 0)
        : m_style(style), m_firstEpoch(firstEpoch) {}

    /// `keep`, if any, is given a checkpoint after each epoch but the last.
    [[nodiscard]] nn::Expected<nn::TrainResult>
    train(const nn::TrainJob& job,
          const std::function<void(const nn::Checkpoint&)>& keep = {}) const;

private:
    ReportStyle m_style;
    std::int64_t m_firstEpoch;
};

/// The line of JSON for an epoch; what was not measured is null.
[[nodiscard]] std::string epochJson(const nn::EpochResult& epoch);

} // namespace app::cli
