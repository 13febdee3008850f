#pragma once

#include "app/training/run_figures.h"
#include "app/training/training_controller.h"

#include <QElapsedTimer>
#include <QWidget>
#include <vector>

class QLabel;
class QProgressBar;

namespace app {

class Session;

/// What the run does now: state, progress, numbers.
class RunHeader : public QWidget {
    Q_OBJECT

public:
    explicit RunHeader(Session& session, QWidget* parent = nullptr);

private:
    struct Figure {
        QWidget* whole = nullptr; ///< Both.
        QLabel* value = nullptr;
        QLabel* caption = nullptr;
    };

    [[nodiscard]] Figure addFigure(const QString& caption);
    void follow(Session& session);
    void showState();
    void showFigures();
    void showForecast();
    void setValue(const Figure& figure, const QString& text);
    void setCaption(const Figure& figure, const QString& caption);
    void showMetric(const RunFigures& figures);
    void showEvent(QShowEvent* event) override;

    Session& m_session;
    QElapsedTimer m_sinceShown;
    QLabel* m_title = nullptr;
    QLabel* m_detail = nullptr;
    QProgressBar* m_bar = nullptr;
    QWidget* m_figures = nullptr;
    std::vector<Figure> m_all;
    Figure m_loss;
    Figure m_metric; ///< The accuracy, or what else is measured.
    Figure m_validation;
    Figure m_rate; ///< Shown where it changes while the run goes on.
    Figure m_speed;
    Figure m_left;
};

} // namespace app
