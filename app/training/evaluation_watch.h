#pragma once

#include "app/background.h"

#include "nn/train/trainer.h"

#include <QObject>
#include <QPointer>
#include <QStringList>
#include <QWidget>

namespace app {

class DataStore;
class Document;
class Settings;
class TrainingController;

/// What the network gets right and wrong on images it was not trained with.
struct EvaluationReport {
    nn::Evaluation result;
    QStringList classes;
    bool isTest = true; ///< Of the test images; otherwise of the training images.
};

/// Evaluates the trained network beside the window: after every run, and when a view of it is
/// opened. Nothing is computed while none is visible or a run is under way.
class EvaluationWatch : public QObject {
    Q_OBJECT

public:
    EvaluationWatch(const Document& document, const DataStore& data, const Settings& settings,
                    TrainingController& training, QObject* parent = nullptr);

    void addViewer(QWidget* viewer);
    /// The last one, if it is of the weights there are now; nullptr otherwise.
    [[nodiscard]] const EvaluationReport* report() const { return m_report.get(); }
    /// Why there is none: what to do first.
    [[nodiscard]] QString emptyText() const;

signals:
    void changed();

private:
    void forget();
    void refresh();
    void launch();
    bool eventFilter(QObject* watched, QEvent* event) override;
    [[nodiscard]] bool isWatched() const;

    const Document& m_document;
    const DataStore& m_data;
    const Settings& m_settings;
    TrainingController& m_training;
    std::vector<QPointer<QWidget>> m_viewers;
    std::shared_ptr<const EvaluationReport> m_report;
    QString m_problem;
    bool m_isRunning = false;
    Background m_background;
};

} // namespace app
