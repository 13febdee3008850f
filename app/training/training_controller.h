#pragma once

#include "nn/base/mailbox.h"
#include "nn/data/dataset.h"
#include "nn/io/project.h"
#include "nn/model/diagnostic.h"
#include "nn/train/history_recorder.h"
#include "nn/train/trainer.h"

#include <QElapsedTimer>
#include <QObject>
#include <QTimer>
#include <thread>
#include <variant>

namespace app {

enum class TrainingState { Idle, Starting, Running, Paused, Stopping };

/// Numbers of the run under way, or of the last one.
struct TrainingStatus {
    nn::BatchProgress batch;
    nn::EpochResult epoch; ///< The last one finished.
    std::int64_t epochs = 0;
    double secondsLeft = nn::kNotMeasured;
    std::int64_t firstEpoch = 0;            ///< Epochs of earlier runs that this one continues.
    double learningRate = nn::kNotMeasured; ///< Now, where it changes while the run goes on.
};

/// What a run leaves behind.
struct TrainingOutcome {
    std::shared_ptr<const nn::Project> project; ///< What the run began with.
    nn::TrainOutcome outcome = nn::TrainOutcome::Finished;
    std::shared_ptr<const nn::Weights> weights;
    std::shared_ptr<const nn::History> history; ///< Earlier runs that were continued included.
    /// Where the run can be gone on with; nullptr when it diverged.
    std::shared_ptr<const nn::Checkpoint> checkpoint = {};
    std::int64_t epochs = 0; ///< Finished by this run.
    QString message;         ///< For a run that diverged.
};

/// The only place where the trainer meets Qt: runs it on a thread of its own and carries what it
/// says to the window, one wake-up at a time.
class TrainingController : public QObject {
    Q_OBJECT

public:
    explicit TrainingController(QObject* parent = nullptr);
    ~TrainingController() override;

    /// Begins a run on copies; `startPaused` waits before the first batch for `step` or `resume`.
    struct Options {
        int threads = 0;
        bool startPaused = false;
        /// Goes on with the run of the project's checkpoint, to the same bits as without a break;
        /// otherwise a new run begins, from the project's weights if it has any.
        bool resume = false;
        QString folder; ///< Where relative paths of callbacks begin.
    };
    void start(std::shared_ptr<const nn::Project> project,
               std::shared_ptr<const nn::data::DataSource> source, const Options& options);
    void pause();
    void resume();
    void step();
    void stop();

    [[nodiscard]] TrainingState state() const { return m_state; }
    [[nodiscard]] bool isActive() const { return m_state != TrainingState::Idle; }
    [[nodiscard]] const TrainingStatus& status() const { return m_status; }
    /// What the run under way was started with; nullptr when none is.
    [[nodiscard]] std::shared_ptr<const nn::Project> runProject() const { return m_project; }
    /// What the run under way has measured, for a view that opens in its midst; runs that it
    /// continues included.
    [[nodiscard]] nn::History historySoFar() const;
    /// Asks for the weights after the next batch; `snapshotTaken` brings them.
    void requestSnapshot();
    /// Asks for all that is needed to go on later; `checkpointTaken` brings it after a batch.
    void requestCheckpoint();
    /// What was measured by the runs before the one under way.
    [[nodiscard]] std::shared_ptr<const nn::History> historyBefore() const { return m_before; }

signals:
    void stateChanged(app::TrainingState state);
    /// A run began; `firstEpoch` epochs of earlier runs are continued.
    void started(int epochs, int firstEpoch);
    /// Progress of several batches at once, oldest first.
    void batchesDone(const std::vector<nn::BatchProgress>& batches);
    void epochDone(const nn::EpochResult& epoch);
    /// A callback goes on with a run that was kept; `historySoFar` begins with what it measured.
    void wentOn(const QString& text);
    void snapshotTaken(std::shared_ptr<const nn::Weights> weights);
    void checkpointTaken(std::shared_ptr<const nn::Checkpoint> checkpoint);
    /// The run ended with weights: done, stopped or diverged.
    void ended(const app::TrainingOutcome& outcome);
    /// The run was refused; nothing was trained.
    void refused(const QString& reason);

private:
    struct Paused {
        bool on = false;
    };
    /// Shared: the history of a long run is large.
    using WentOn = std::shared_ptr<const std::pair<QString, nn::HistoryRecorder>>;
    using Event = std::variant<nn::BatchProgress, nn::EpochResult, Paused, WentOn>;
    struct Snapshot {
        std::shared_ptr<const nn::Weights> weights;
    };

    void post(Event event);
    void wake();
    void drain();
    void finish(nn::Expected<nn::TrainResult> result);
    void setState(TrainingState state);
    void noteProgress(const std::vector<nn::BatchProgress>& batches);
    [[nodiscard]] nn::TrainSink makeSink();

    TrainingState m_state = TrainingState::Idle;
    TrainingStatus m_status;
    std::shared_ptr<const nn::Project> m_project;
    std::shared_ptr<nn::TrainControl> m_control;
    nn::HistoryRecorder m_recorder;
    nn::Mailbox<Event> m_events;
    nn::Latest<Snapshot> m_snapshot;
    nn::Latest<std::shared_ptr<const nn::Checkpoint>> m_checkpoint;
    std::shared_ptr<const nn::History> m_before = std::make_shared<const nn::History>();
    QTimer m_drainTimer;
    QElapsedTimer m_sinceDrain;
    std::jthread m_thread;
};

} // namespace app
