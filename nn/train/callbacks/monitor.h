#pragma once

#include "nn/model/define_params.h"
#include "nn/train/callback.h"

namespace nn {

enum class MonitorMode { Auto, Min, Max };
template <>
struct ChoiceNames<MonitorMode> {
    static constexpr std::array names{"auto", "min", "max"};
};

/// Help and arguments of callbacks that watch a figure.
inline constexpr const char* kMonitorHelp =
    "The figure that is watched, by its name in the history: loss, val_loss, accuracy, "
    "val_accuracy, or a metric's name.";
inline constexpr const char* kModeHelp =
    "Whether the smaller or the larger figure is better; auto knows it from the figure.";

/// Watches one figure of the logs for improvement.
class Monitor {
public:
    Monitor(std::string name, MonitorMode mode, double minDelta)
        : m_name(std::move(name)), m_mode(mode), m_minDelta(std::abs(minDelta)) {}

    /// Refuses, for the callback `owner`, a figure this run does not log or whose direction is
    /// not known.
    [[nodiscard]] Expected<void> check(std::string_view owner, const TrainingRun& run) const;
    /// Settles which way is better; `check` has passed.
    void begin(const TrainingRun& run);

    [[nodiscard]] const std::string& name() const { return m_name; }
    [[nodiscard]] std::optional<double> value(const Logs& logs) const {
        return logged(logs, m_name);
    }
    /// Whether `current` is better than `reference` by more than min_delta.
    [[nodiscard]] bool isImprovement(double current, double reference) const;
    /// What every figure improves on.
    [[nodiscard]] double worst() const;

private:
    std::string m_name;
    MonitorMode m_mode;
    double m_minDelta;
    Direction m_direction = Direction::Down;
};

} // namespace nn
