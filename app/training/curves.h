#pragma once

#include "app/training/training_controller.h"

#include <QObject>

namespace widgets {
class TrainingPlot;
}

namespace app {

class Session;

/// Feeds a plot with the run under way, or with the history of the project.
class Curves : public QObject {
    Q_OBJECT

public:
    /// `plot` owns this object.
    Curves(Session& session, widgets::TrainingPlot* plot);

private:
    void showHistory();
    void begin();

    Session& m_session;
    widgets::TrainingPlot* m_plot;
    std::shared_ptr<const nn::History> m_shown;
};

} // namespace app
