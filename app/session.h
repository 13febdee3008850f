#pragma once

#include "app/data_store.h"
#include "app/document.h"
#include "app/editor.h"
#include "app/inspection/inspection_controller.h"
#include "app/log.h"
#include "app/requests.h"
#include "app/selection.h"
#include "app/settings.h"
#include "app/training/epoch_log.h"
#include "app/training/evaluation_watch.h"
#include "app/training/forecast_watch.h"
#include "app/training/run_keeper.h"
#include "app/training/training_controller.h"

namespace app {

/// Everything behind one window, wired together. Pages and panels are made from it.
class Session : public QObject {
    Q_OBJECT

public:
    explicit Session(Settings& userSettings, QObject* parent = nullptr);

    /// Goes on when a run is paused or was stopped; otherwise trains the project as it is now.
    void startTraining();
    /// Begins a run of its own, from the weights there are, also where the last could be gone on
    /// with.
    void startNewRun();
    /// The last run has not done all its epochs and is still one of this network and these
    /// settings: going on gives the same bits as if it had never stopped.
    [[nodiscard]] bool canResume() const;
    /// Where it would go on: "in epoch 3 of 10, after 17 batches".
    [[nodiscard]] QString resumePlace() const;
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
    RunKeeper runs;
    ForecastWatch forecast;
    InspectionController inspection;
    EvaluationWatch evaluation;

signals:
    void runProblemsChanged();
    /// Weights of a run whose network was changed meanwhile: keep what still fits?
    void weightsOffered(const app::TrainingOutcome& outcome);
    /// Training cannot begin; says why and what to do.
    void trainingRefused(const QString& reason);
    void trainingEnded(const app::TrainingOutcome& outcome);

private:
    struct Begin {
        bool paused = false;
        bool resumes = false;
    };
    void wire();
    void begin(const Begin& how);
    void beginWhenDataAreRead();
    void refuse(const QString& reason);
    void endRun(const TrainingOutcome& outcome);

    void setRunProblem(const QString& message);

    EpochLog m_epochLog{training, log};
    std::optional<Begin> m_beginWhenReady;
    std::vector<nn::Diagnostic> m_runProblems;
};

} // namespace app
