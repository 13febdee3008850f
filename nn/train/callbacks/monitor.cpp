#include "nn/train/callbacks/monitor.h"

#include "nn/base/text.h"

#include <algorithm>
#include <limits>

namespace nn {
namespace {

std::optional<TrainingRun::Column> columnOf(const TrainingRun& run, std::string_view name) {
    const std::vector<TrainingRun::Column> columns = run.columns();
    const auto found = std::ranges::find(columns, name, &TrainingRun::Column::name);
    return found == columns.end() ? std::nullopt : std::optional(*found);
}

} // namespace

Expected<void> Monitor::check(std::string_view owner, const TrainingRun& run) const {
    const std::optional<TrainingRun::Column> column = columnOf(run, m_name);
    if (!column) {
        std::vector<std::string> names;
        for (const TrainingRun::Column& each : run.columns()) {
            names.push_back(each.name);
        }
        return failure(ErrorCode::Usage,
                       std::string(owner) + " watches \"" + m_name + "\", but this run measures " +
                           join(names, ", ") +
                           (m_name.starts_with("val_")
                                ? ". Give it images to validate with, or set monitor to one of "
                                  "these."
                                : ". Set monitor to one of these."));
    }
    if (m_mode == MonitorMode::Auto && !column->direction) {
        return failure(ErrorCode::Usage, std::string(owner) +
                                             " cannot know whether a smaller or a larger \"" +
                                             m_name + "\" is better. Set mode to min or max.");
    }
    return {};
}

void Monitor::begin(const TrainingRun& run) {
    switch (m_mode) {
    case MonitorMode::Auto:
        if (const auto column = columnOf(run, m_name); column && column->direction) {
            m_direction = *column->direction;
        }
        break;
    case MonitorMode::Min:
        m_direction = Direction::Down;
        break;
    case MonitorMode::Max:
        m_direction = Direction::Up;
        break;
    }
}

bool Monitor::isImprovement(double current, double reference) const {
    return m_direction == Direction::Down ? current + m_minDelta < reference
                                          : current - m_minDelta > reference;
}

double Monitor::worst() const {
    const double infinity = std::numeric_limits<double>::infinity();
    return m_direction == Direction::Down ? infinity : -infinity;
}

} // namespace nn
