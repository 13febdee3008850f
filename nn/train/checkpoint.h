#pragma once

#include "nn/base/error.h"
#include "nn/exec/network.h"
#include "nn/train/optimizer.h"
#include "nn/train/progress.h"
#include "nn/train/settings.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace nn {

/// What one callback of a run remembers.
struct CallbackRecord {
    std::string values = {};                     ///< As JSON.
    std::shared_ptr<const Weights> weights = {}; ///< The best so far, where it keeps them.
};

/// All there is to know to go on with a run where it was left, to the last bit. Random numbers
/// need no state: they are functions of seed, epoch and step.
struct Checkpoint {
    TrainSettings settings = {};
    std::int64_t images = 0;      ///< Trained on; another number is another run.
    std::int64_t epoch = 0;       ///< Epochs finished.
    std::int64_t batch = 0;       ///< Batches done of the next one.
    std::int64_t steps = 0;       ///< Batches done over the whole run.
    bool averagesInPlace = false; ///< A callback had put the moving averages in.
    /// Those trained with; nullptr: the weights of the project or result it belongs to.
    std::shared_ptr<const Weights> weights = {};
    OptimizerState optimizer = {};
    History history = {};
    std::int64_t historyEvery = 1; ///< State of the `HistoryRecorder`.
    std::int64_t historySeen = 0;
    std::vector<double> sums = {}; ///< The figures of the epoch under way: `EpochMeters::state`.
    double seconds = 0.0;          ///< That the epoch under way took so far.
    std::vector<CallbackRecord> callbacks = {};

    [[nodiscard]] bool isFinished() const { return epoch >= settings.epochs; }
    /// Where a run of so many epochs goes on: "in epoch 3 of 10, after 17 batches".
    [[nodiscard]] std::string placeText(std::int64_t epochs) const;
};

/// For the user, that a run of so many epochs goes on with the one kept in a file.
[[nodiscard]] std::string goingOnText(const Checkpoint& from, const std::string& file,
                                      std::int64_t epochs);

/// Refuses to go on with a run under other circumstances; the error names what differs. The number
/// of epochs and of threads may change.
[[nodiscard]] Expected<void> checkCheckpoint(const Checkpoint& checkpoint, const Network& network,
                                             const TrainSettings& settings, std::int64_t images);

} // namespace nn
