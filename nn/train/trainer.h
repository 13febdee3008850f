#pragma once

#include "nn/base/error.h"
#include "nn/data/dataset.h"
#include "nn/exec/network.h"
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
    Weights weights; ///< Empty: made from the seed.
    Dataset training;
    std::optional<Dataset> validation = {};
    TrainSettings settings;
};

enum class TrainCommand { Run, Pause, Step, Stop };

/// How another thread steers a run. Looked at between batches.
class TrainControl {
public:
    void request(TrainCommand command);
    /// The next command to obey; blocks while paused. `Step` lets one batch pass, then pauses.
    [[nodiscard]] TrainCommand nextCommand();
    /// Asks for one copy of the weights after the next batch.
    void requestSnapshot() { m_snapshotWanted.store(true, std::memory_order_relaxed); }
    [[nodiscard]] bool takeSnapshotRequest() {
        return m_snapshotWanted.load(std::memory_order_relaxed) &&
               m_snapshotWanted.exchange(false, std::memory_order_relaxed);
    }

private:
    std::mutex m_mutex;
    std::condition_variable m_changed;
    TrainCommand m_command = TrainCommand::Run;
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
    std::string message = {};
};

/// Trains until done, stopped or diverged; blocks. Refuses before anything is allocated what
/// cannot be trained (shapes, data, memory), saying why.
[[nodiscard]] Expected<TrainResult> train(const TrainJob& job, TrainControl& control,
                                          const TrainSink& sink);

} // namespace nn
