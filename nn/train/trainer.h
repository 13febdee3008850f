#pragma once

#include "nn/base/error.h"
#include "nn/data/dataset.h"
#include "nn/exec/network.h"
#include "nn/train/forecast.h"
#include "nn/train/progress.h"
#include "nn/train/settings.h"

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
    data::Dataset training;
    std::optional<data::Dataset> validation;
    TrainSettings settings;
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

    /// For the trainer: waits while paused; false when the run is to end. Tells `pausedChanged`
    /// when a pause begins and ends.
    [[nodiscard]] bool mayContinue(const std::function<void(bool paused)>& pausedChanged);
    /// For the trainer: whether a snapshot was asked for since the last call.
    [[nodiscard]] bool takeSnapshotRequest();

private:
    enum class State { Running, Paused, Stepping, Stopped };
    void become(State state);

    std::mutex m_mutex;
    std::condition_variable m_changed;
    State m_state = State::Running;
    std::atomic<bool> m_snapshotWanted{false};
};

/// Where a run reports to; called on the training thread. Empty functions are skipped.
struct TrainSink {
    std::function<void(const BatchProgress&)> batchDone = {};
    std::function<void(const EpochResult&)> epochDone = {};
    /// Weights after a step, only when a snapshot was asked for.
    std::function<void(std::shared_ptr<const Weights>, std::int64_t step)> snapshot = {};
    std::function<void(bool paused)> pausedChanged = {};
};

enum class TrainOutcome { Finished, Stopped, Diverged };

struct TrainResult {
    TrainOutcome outcome = TrainOutcome::Finished;
    Weights weights; ///< The last finite ones.
    History history;
    std::int64_t steps = 0;
    /// For `Diverged`: at which batch and in which layer, and what to do.
    std::string message;
};

/// Trains until done, stopped or diverged; blocks. Refuses before anything is allocated what
/// cannot be trained (settings, shapes, data, memory), saying why.
[[nodiscard]] Expected<TrainResult> train(const TrainJob& job, TrainControl& control,
                                          const TrainSink& sink);

/// Whether a job could be started: everything `train` refuses, without starting.
[[nodiscard]] Expected<void> checkTrainable(const TrainJob& job, const MachineMemory& machine);

/// Mean loss and accuracy of a network over data, in inference mode.
struct Evaluation {
    double loss = 0.0;
    double accuracy = kNotMeasured;
    std::int64_t images = 0;
};

/// What `evaluate` needs besides the data.
struct EvaluateOptions {
    TrainSettings settings = {}; ///< Loss, batch size and threads are used.
    /// Asked between batches; true ends the evaluation early.
    std::function<bool()> cancelled = {};
};
[[nodiscard]] Expected<Evaluation> evaluate(const Graph& graph, const Weights& weights,
                                            const data::Dataset& dataset,
                                            const EvaluateOptions& options);

} // namespace nn
