#pragma once

#include "nn/base/error.h"
#include "nn/exec/network.h"
#include "nn/train/checkpoint.h"
#include "nn/train/forecast.h"
#include "nn/train/progress.h"
#include "nn/train/settings.h"
#include "nn/train/train_data.h"

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>

namespace nn {

/// What a run works on: its own copies; editing the project meanwhile cannot reach it.
struct TrainJob {
    Graph graph;
    std::shared_ptr<const Weights> weights; ///< nullptr: made from the seed.
    TrainData training;
    std::optional<TrainData> validation;
    TrainSettings settings;
    /// Writes a project with these weights to a path, for ModelCheckpoint.
    std::function<Expected<void>(const std::string& path, const Weights&, const History&)>
        saveModel = {};
    /// Writes a run to a file and reads one again, for BackupAndRestore.
    std::function<Expected<void>(const std::string& path, const Checkpoint&)> saveRun = {};
    std::function<Expected<std::shared_ptr<const Checkpoint>>(const std::string& path)> loadRun =
        {};
    /// Where relative paths of callbacks begin; empty: in the working directory.
    std::string folder = {};
    /// Goes on with this run in place of beginning one; `weights` is then not used.
    std::shared_ptr<const Checkpoint> resume = {};
    bool keepsCheckpoint = false; ///< `TrainResult::checkpoint` is wanted: a copy of all state.
};

/// How another thread steers a run. Looked at between batches.
class TrainControl {
public:
    void pause();
    void resume();
    /// Lets one batch pass, then pauses (again).
    void step();
    /// Ends the run after the batch under way; final.
    void stop();

    /// Asks for one copy of the weights after the next batch.
    void requestSnapshot() { m_snapshotWanted.store(true, std::memory_order_relaxed); }

    /// Asks for a checkpoint after the next batch.
    void requestCheckpoint() { m_checkpointWanted.store(true, std::memory_order_relaxed); }

    /// For the trainer: waits while paused; false when the run is to end. Tells `pausedChanged`
    /// when a pause begins and ends.
    [[nodiscard]] bool mayContinue(const std::function<void(bool paused)>& pausedChanged);
    /// For the trainer: whether a snapshot was asked for since the last call.
    [[nodiscard]] bool takeSnapshotRequest();
    [[nodiscard]] bool takeCheckpointRequest();

private:
    enum class State { Running, Paused, Stepping, Stopped };
    void become(State state);

    std::mutex m_mutex;
    std::condition_variable m_changed;
    State m_state = State::Running;
    std::atomic<bool> m_snapshotWanted{false};
    std::atomic<bool> m_checkpointWanted{false};
};

/// Where a run reports to; called on the training thread. Empty functions are skipped.
struct TrainSink {
    std::function<void(const BatchProgress&)> batchDone = {};
    std::function<void(const EpochResult&)> epochDone = {};
    /// Weights after a step, only when a snapshot was asked for.
    std::function<void(std::shared_ptr<const Weights>, std::int64_t step)> snapshot = {};
    std::function<void(bool paused)> pausedChanged = {};
    /// A callback goes on with the run that it found in a file, in place of beginning one.
    std::function<void(const Checkpoint& from, const std::string& file)> wentOn = {};
    /// After every epoch, and after a batch when one was asked for. The run waits until it returns.
    std::function<void(const Checkpoint&)> checkpoint = {};
    bool checkpointsEveryEpoch = true; ///< Otherwise only those that were asked for.
};

enum class TrainOutcome { Finished, Stopped, Diverged };

struct TrainResult {
    TrainOutcome outcome = TrainOutcome::Finished;
    Weights weights; ///< The last finite ones.
    History history; ///< That of a run gone on with included.
    std::int64_t steps = 0;
    /// Where the run can be gone on with, if the job wanted it and no callback ended it. Without
    /// weights of its own those above are meant.
    std::optional<Checkpoint> checkpoint = {};
    /// For `Diverged`: at which batch and in which layer, and what to do. Otherwise what a callback
    /// had to say when it ended the run.
    std::string message;
};

/// Trains until done, stopped or diverged; blocks. Refuses before anything is allocated what
/// cannot be trained (settings, shapes, data, memory), saying why.
[[nodiscard]] Expected<TrainResult> train(const TrainJob& job, TrainControl& control,
                                          const TrainSink& sink);

/// Whether a job could be started: everything `train` refuses, without starting.
[[nodiscard]] Expected<void> checkTrainable(const TrainJob& job, const MachineMemory& machine);

/// How often images of a class were taken for which.
struct Confusion {
    std::int64_t classes = 0;
    std::vector<std::int64_t> counts = {}; ///< [class][taken for]

    [[nodiscard]] std::int64_t count(std::int64_t truth, std::int64_t said) const {
        return counts[static_cast<std::size_t>(truth * classes + said)];
    }
};

/// How well one class is recognised.
struct ClassFigures {
    std::int64_t images = 0;
    double precision = kNotMeasured; ///< Not measured where nothing was taken for the class.
    double recall = kNotMeasured;    ///< Not measured where no image is of the class.
    double f1 = 0.0;
};
[[nodiscard]] std::vector<ClassFigures> classFigures(const Confusion& confusion);

/// Mean loss and metrics of a network over data, in inference mode.
struct Evaluation {
    double loss = 0.0;
    double accuracy = kNotMeasured;
    std::int64_t images = 0;
    /// What else was measured, by Keras' names: further metrics, losses of several outputs.
    std::vector<NamedValue> values = {};
    Confusion confusion = {}; ///< Of a single output that chooses one class for each sample.
};

/// What `evaluate` needs besides the data.
struct EvaluateOptions {
    TrainSettings settings = {}; ///< Loss, metrics, batch size and threads are used.
    /// Asked between batches; true ends the evaluation early.
    std::function<bool()> cancelled = {};
};
[[nodiscard]] Expected<Evaluation> evaluate(const Graph& graph, const Weights& weights,
                                            const TrainData& data, const EvaluateOptions& options);

} // namespace nn
