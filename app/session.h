#pragma once

#include "app/data_store.h"
#include "app/document.h"
#include "app/editor.h"
#include "app/inspection/inspection_controller.h"
#include "app/log.h"
#include "app/requests.h"
#include "app/selection.h"
#include "app/settings.h"
#include "app/training/forecast_watch.h"
#include "app/training/training_controller.h"

namespace app {

/// Everything behind one window, wired together. Pages and panels are made from it.
class Session : public QObject {
    Q_OBJECT

public:
    explicit Session(Settings& userSettings, QObject* parent = nullptr);

    /// Trains the project as it is now, or goes on when a run is paused.
    void startTraining();
    /// One batch; begins a run when there is none.
    void stepTraining();
    void togglePause();
    /// Fresh weights, no history: one step that can be undone.
    void resetWeights();
    /// Takes the weights of a run into the project, as one step.
    void keepWeights(const TrainingOutcome& outcome);
    /// Takes another data source into the project, as one step.
    void useData(const QString& reference);
    /// Sets the input's shape and the last Dense layer's units to the data's, as one step.
    void fitNetworkToData();
    /// What went wrong in the last run, to be shown with the problems of the network.
    [[nodiscard]] const std::vector<nn::Diagnostic>& runProblems() const { return m_runProblems; }
    /// What `fitNetworkToData` would change; empty when the network fits the data.
    [[nodiscard]] QString networkFitText() const;

    Settings& settings;
    Document document;
    Selection selection;
    Editor editor;
    Log log;
    Requests requests;
    DataStore data;
    TrainingController training;
    ForecastWatch forecast;
    InspectionController inspection;

signals:
    void runProblemsChanged();
    /// Weights of a run whose network was changed meanwhile: keep what still fits?
    void weightsOffered(const app::TrainingOutcome& outcome);
    /// Training cannot begin; says why and what to do.
    void trainingRefused(const QString& reason);
    void trainingEnded(const app::TrainingOutcome& outcome);

private:
    enum class Begin { Running, Paused };
    void wire();
    void begin(Begin how);
    void beginWhenDataAreRead();
    void refuse(const QString& reason);
    void endRun(const TrainingOutcome& outcome);

    void setRunProblem(const QString& message);

    std::optional<Begin> m_beginWhenReady;
    std::vector<nn::Diagnostic> m_runProblems;
};

} // namespace app
