#pragma once

#include "nn/train/settings.h"

#include <QWidget>

class QLabel;

namespace widgets {
class SchedulePlot;
}

namespace app {

class Session;

/// The learning rate over the steps that are planned; hidden while it is one number.
class ScheduleView : public QWidget {
    Q_OBJECT

public:
    explicit ScheduleView(Session& session, QWidget* parent = nullptr);

    /// Shows the schedule of these settings, which need not be those of the project.
    void showFor(const nn::TrainSettings& settings);

private:
    [[nodiscard]] qint64 stepsPerEpoch(const nn::TrainSettings& settings) const;

    Session& m_session;
    widgets::SchedulePlot* m_plot;
};

} // namespace app
